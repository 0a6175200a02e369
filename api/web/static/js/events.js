// Server-sent events over fetch (EventSource cannot POST or send headers). WHATWG HTML, 9.2.6.
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    const blocks = buffer.split(/\r?\n\r?\n/);
    buffer = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
  }
}

function parsed(block) {
  const found = { id: "", event: "message", data: [] };
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith(":")) continue;
    const [, field, value] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (field === "data") found.data.push(value);
    else if (field === "id" || field === "event") found[field] = value;
  }
  return found.data.length ? { id: found.id, event: found.event, data: JSON.parse(found.data.join("\n")) } : null;
}
