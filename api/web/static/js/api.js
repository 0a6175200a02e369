// Requests to our own JSON routes: the CSRF token goes along, a problem document becomes an Error people can read.
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.body = body;
  }
}

export function headers(more = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  // Refusals come in the language of the page, whatever the browser would ask for.
  const spoken = { "Accept-Language": document.documentElement.lang, ...more };
  return token ? { "X-CSRF-Token": token, ...spoken } : spoken;
}

export async function request(method, path, body, { signal, accept = "application/json" } = {}) {
  const response = await fetch(`/api/v1/${path}`, {
    method,
    signal,
    headers: headers({ Accept: accept, ...(body === undefined ? {} : { "Content-Type": "application/json" }) }),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function json(method, path, body) {
  const response = await request(method, path, body);
  return response.status === 204 ? null : response.json();
}

export async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy may answer with something else than JSON.
  }
  return new Problem(response.status, body);
}
