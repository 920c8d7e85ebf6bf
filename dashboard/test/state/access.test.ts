import { afterEach, describe, expect, it, vi } from "vitest";
import { isKey, keyed } from "../../src/state/access.js";
import { api } from "../../src/state/api.js";
import { viewSaved } from "../../src/state/prefs.js";
import { makeStore } from "../../src/state/store.js";

const KEY = "btracker.key.1";

function browser() {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  } as unknown as Storage;
  const open = () => {
    const events = new EventTarget();
    const store = makeStore({ url: "ws://here", storage, events, shelf: null, schedule: setTimeout, rest: { trades: async () => ({ items: [] }), through: async () => 0 } });
    return { ...store, hears: (key: string) => events.dispatchEvent(Object.assign(new Event("storage"), { key })) };
  };
  return { kept, open };
}

/** A server that knows one key; it is shown what it was asked with. */
function served(good: string) {
  const shown: (string | null)[] = [];
  vi.stubGlobal("Request", class extends Request {
    constructor(url: string, options: RequestInit) {
      super(new URL(url, "http://here"), options);
    }
  });
  vi.stubGlobal("fetch", async (request: Request) => {
    shown.push(request.headers.get("Authorization"));
    const problem = { code: shown.at(-1) === null ? "notAuthorised" : "badCredentials" };
    const isGood = shown.at(-1) === `Bearer ${good}`;
    return Response.json(isGood ? { items: [] } : problem, { status: isGood ? 200 : 401 });
  });
  return shown;
}

afterEach(() => vi.unstubAllGlobals());

describe("a key", () => {
  it("is kept in the browser apart from all else, followed in other tabs, and gone when it is forgotten", () => {
    const { kept, open } = browser();
    const [tab, other] = [open(), open()];
    tab.dispatch(keyed("bt_one"));
    tab.dispatch(viewSaved({ name: "mine", path: "/", search: "q=cat" }));
    expect(kept.get(KEY)).toBe("bt_one");
    expect([...kept].filter(([name, text]) => name !== KEY && text.includes("bt_one"))).toEqual([]);
    other.hears(KEY);
    expect(other.getState().access.key).toBe("bt_one");
    expect(open().getState().access.key).toBe("bt_one");
    tab.dispatch(keyed(null));
    expect(kept.has(KEY)).toBe(false);
    other.hears(KEY);
    expect(other.getState().access.key).toBeNull();
  });

  it("is nothing that a header could not carry", () => {
    expect(["bt_8f0c.A-b~", "e".repeat(4096)].map(isKey)).toEqual([true, true]);
    expect(["", "a b", "a\nb", "bt_\u{1F600}", "e".repeat(4097)].map(isKey)).toEqual([false, false, false, false, false]);
    const { kept, open } = browser();
    kept.set(KEY, "a\r\nX-Evil: 1");
    expect(open().getState().access.key).toBeNull();
  });

  it("goes with every question; what the server says against it stays until there is another", async () => {
    const shown = served("bt_good");
    const store = browser().open();
    const asked = async (key: string | null) => {
      store.dispatch(keyed(key));
      await store.dispatch(api.endpoints.status.initiate(undefined, { forceRefetch: true, subscribe: false }));
      return store.getState().access.refusal;
    };
    expect([await asked(null), await asked("bt_bad"), await asked("bt_good")]).toEqual(["notAuthorised", "badCredentials", null]);
    expect(shown).toEqual([null, "Bearer bt_bad", "Bearer bt_good"]);
  });

  it("that is only tried is shown instead of the one that is kept, and says nothing against that", async () => {
    const shown = served("bt_good");
    const store = browser().open();
    store.dispatch(keyed("bt_good"));
    const tried = await store.dispatch(api.endpoints.usage.initiate("bt_other", { subscribe: false }));
    expect(tried.error).toMatchObject({ status: 401, data: { code: "badCredentials" } });
    expect([shown, store.getState().access]).toEqual([["Bearer bt_other"], { key: "bt_good", refusal: null }]);
  });
});
