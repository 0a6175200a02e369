// What waits to be sent: pictures and events of one session, kept in IndexedDB so that neither a lost network nor
// a reload loses them, and sent in the order they were made. Without IndexedDB (private windows) memory must do.
const DATABASE = "mwalimu-proctoring";
const RETRY_FIRST = 1000;
const RETRY_LAST = 30000;
// Refusals that the same bytes would meet again: such an item is given up, and counted.
const FINAL = new Set([400, 404, 409, 410, 413, 415, 422]);

export async function openOutbox(session, { send, changed }) {
  const store = await openStore(session);
  const state = { waiting: await store.count(), refused: 0, online: true, stopped: false };
  let wake = () => {};
  let wait = RETRY_FIRST;

  const tell = () => changed?.({ ...state });

  async function add(item) {
    await store.add(item);
    state.waiting += 1;
    tell();
    wake();
  }

  async function sendOne(key, item) {
    try {
      await send(item);
    } catch (problem) {
      if (!FINAL.has(problem.status)) throw problem;
      state.refused += 1;
    }
    await store.remove(key);
    state.waiting -= 1;
    state.online = true;
    wait = RETRY_FIRST;
    tell();
  }

  async function run() {
    while (!state.stopped) {
      const first = await store.first();
      if (!first) {
        await new Promise((resolve) => (wake = resolve));
        continue;
      }
      try {
        await sendOne(...first);
      } catch {
        state.online = false;
        tell();
        await paused(wait);
        wait = Math.min(wait * 2, RETRY_LAST);
      }
    }
  }

  function paused(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      function done() {
        clearTimeout(timer);
        window.removeEventListener("online", done);
        resolve();
      }
      window.addEventListener("online", done);
    });
  }

  // Resolves when all is sent, or after `limit` milliseconds: true when nothing is left.
  async function settle(limit) {
    const end = Date.now() + limit;
    while (state.waiting > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    return state.waiting === 0;
  }

  function stop() {
    state.stopped = true;
    wake();
  }

  run();
  tell();
  return { add, settle, stop, nextSequence: store.nextSequence };
}

async function openStore(session) {
  try {
    return await databaseStore(session);
  } catch {
    return memoryStore();
  }
}

async function databaseStore(session) {
  const database = await asked(indexedDB.open(DATABASE, 1), (request) => {
    request.result.createObjectStore("items", { autoIncrement: true }).createIndex("session", "session");
    request.result.createObjectStore("sequences");
  });
  const table = (name, mode) => database.transaction(name, mode).objectStore(name);
  const own = IDBKeyRange.only(session);
  return {
    count: () => asked(table("items", "readonly").index("session").count(own)),
    add: (item) => asked(table("items", "readwrite").add({ session, item })),
    remove: (key) => asked(table("items", "readwrite").delete(key)),
    first: async () => {
      const cursor = await asked(table("items", "readonly").index("session").openCursor(own));
      return cursor && [cursor.primaryKey, cursor.value.item];
    },
    // Numbers never repeat in a session, whatever reloads lie between; `known` is what the server has seen.
    nextSequence: async (kind, known = 0) => {
      const sequences = table("sequences", "readwrite");
      const last = (await asked(sequences.get([session, kind]))) ?? 0;
      const next = Math.max(last, known) + 1;
      await asked(sequences.put(next, [session, kind]));
      return next;
    },
  };
}

function memoryStore() {
  const items = new Map();
  const sequences = new Map();
  let made = 0;
  return {
    count: async () => items.size,
    add: async (item) => items.set((made += 1), item),
    remove: async (key) => items.delete(key),
    first: async () => items.entries().next().value,
    nextSequence: async (kind, known = 0) => {
      const next = Math.max(sequences.get(kind) ?? 0, known) + 1;
      sequences.set(kind, next);
      return next;
    },
  };
}

function asked(request, upgrade) {
  return new Promise((resolve, reject) => {
    if (upgrade) request.onupgradeneeded = () => upgrade(request);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("IndexedDB is blocked"));
  });
}
