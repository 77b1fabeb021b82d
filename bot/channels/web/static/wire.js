// The wire: what is said goes out once and in order, replies come in once. Knows nothing of the page's looks.
(function () {
  "use strict";
  const KEPT = "hocnghe.say.";
  const SITTING_MS = 30 * 60 * 1000;
  const SLOWEST_MS = 30 * 1000;
  const MOST_FAILURES = 5;
  const ANSWER_MS = 25 * 1000;

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (b) => ("0" + b.toString(16)).slice(-2)).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // Messages that wait for the network outlive a reload: one entry each, so that two tabs do not undo one another.
  const kept = {
    each() {
      try {
        const keys = Object.keys(localStorage).filter((key) => key.indexOf(KEPT) === 0);
        return keys.map((key) => JSON.parse(localStorage.getItem(key))).sort((a, b) => a.at - b.at);
      } catch (_) { return []; }
    },
    put(item) {
      try { localStorage.setItem(KEPT + item.id, JSON.stringify(item)); } catch (_) { /* kept in memory only */ }
    },
    drop(id) {
      try { localStorage.removeItem(KEPT + id); } catch (_) { /* nothing was kept */ }
    },
    clear() { this.each().forEach((item) => this.drop(item.id)); },
  };

  function wait(failures) {
    return Math.min(SLOWEST_MS, 1000 * Math.pow(2, failures)) * (0.7 + Math.random() * 0.6);
  }

  // `on`: what the page wants to hear of: settled, replies, refused, state, said, forgotten, language.
  function Wire(on) {
    let queue = [];
    let sending = false;
    let timer = 0;
    let failures = 0;
    let lastAt = 0;
    const seen = new Set();
    let newest = 0;
    let source = null;
    let listening = false;
    let gone = false;
    let broken = 0;
    let again = 0;

    function enqueue(item) {
      item.id = item.id || uuid();
      lastAt = item.at = Math.max(Date.now(), lastAt + 1);
      queue.push(item);
      if (!item.quiet) kept.put(item);
      flush();
      return item;
    }

    function settle(item) {
      queue = queue.filter((other) => other.id !== item.id);
      kept.drop(item.id);
    }

    async function flush() {
      if (sending) return;
      sending = true;
      clearTimeout(timer);
      while (queue.length && await send(queue[0])) failures = 0;
      sending = false;
      if (gone) forgotten([]);
    }

    async function send(item) {
      const body = item.choice === undefined ? { id: item.id, text: item.text } : { id: item.id, choice: item.choice };
      let response;
      let answer;
      try {
        const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("late")), ANSWER_MS));
        response = await Promise.race([late, fetch("/chat/messages", {
          method: "POST",
          credentials: "same-origin",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        })]);
        answer = await response.json(); // a hotspot's own page is no answer of ours: tried again
      } catch (_) { return later("offline", 0); }
      if (response.status >= 500) item.failed = (item.failed || 0) + 1;
      if (item.failed >= MOST_FAILURES) { // it would stand in the way of all that comes after it
        settle(item);
        on.state("");
        on.refused(item, "");
        return true;
      }
      if (response.status >= 500 || response.status === 429) {
        return later(answer.message || "busy", Number(response.headers.get("Retry-After")) * 1000);
      }
      settle(item);
      on.state("");
      if (!response.ok) { on.refused(item, answer.message); return true; }
      if (answer.forgotten) {
        forgotten(answer.replies);
        return false;
      }
      on.settled(item);
      receive(answer.replies || []);
      if (answer.language && !item.greeting) on.language(answer.language);
      if (item.greeting && !answer.replies.length && response.status === 200) {
        enqueue({ choice: item.choice, quiet: true });
      }
      return true;
    }

    function forgotten(replies) {
      gone = false;
      api.clear();
      api.close();
      on.forgotten(replies);
    }

    function later(why, least) {
      failures += 1;
      on.state(why);
      timer = setTimeout(flush, Math.max(least, wait(failures - 1)));
      return false;
    }

    function receive(replies) {
      const fresh = replies.filter((reply) => !seen.has(reply.id));
      fresh.forEach((reply) => {
        seen.add(reply.id);
        newest = Math.max(newest, Number(reply.id));
        // The answer may come by the stream before the network tells that the message was taken.
        queue.filter((item) => item.id === reply.to).forEach(on.settled);
      });
      if (fresh.length) on.replies(fresh);
    }

    function listen() {
      clearTimeout(again);
      if (source) source.close();
      source = new EventSource("/chat/events?after=" + newest);
      const mine = source;
      const hear = (name, then) => source.addEventListener(name, (event) => then(JSON.parse(event.data)));
      hear("reply", (reply) => receive([reply]));
      hear("said", (said) => {
        const item = queue.filter((other) => other.id === said.id)[0];
        if (item) on.settled(item); else on.said(said);
      });
      hear("forgotten", () => { // by another tab; of its own the page hears in the answer, with the new cookie
        if (sending) gone = true; else forgotten([]);
      });
      hear("moved", () => { mine.close(); source = null; }); // too many tabs: this one listens again when it is looked at
      source.onopen = () => {
        broken = 0;
        on.state("");
        flush();
      };
      source.onerror = () => {
        mine.close();
        if (mine !== source) return;
        source = null;
        again = setTimeout(listen, wait(broken));
        broken += 1;
      };
    }

    async function history() {
      const response = await fetch("/chat/history", { credentials: "same-origin" });
      if (!response.ok) throw new Error("history " + response.status);
      return response.json();
    }

    const api = {
      say: enqueue,
      // The talk so far and what still waits; tries until it is there.
      async open() {
        for (let tries = 0; ; tries += 1) {
          try {
            const talk = await history();
            talk.messages.forEach((m) => {
              if (m.from === "bot") { seen.add(m.id); newest = Math.max(newest, Number(m.id)); } else kept.drop(m.id);
            });
            on.state("");
            return talk;
          } catch (_) {
            on.state("offline");
            await new Promise((go) => setTimeout(go, wait(tries)));
          }
        }
      },
      waiting: () => kept.each(),
      isOld: (item) => Date.now() - item.at > SITTING_MS,
      adopt(items) { queue = items.concat(queue); flush(); },
      drop: settle,
      busy: () => queue.length > 0,
      listen() { listening = true; listen(); },
      // Back from the background or from no network: what looks open may be dead.
      wake() {
        if (!listening) return;
        broken = 0;
        listen();
        flush();
      },
      clear() { queue = []; kept.clear(); },
      close() {
        listening = false;
        clearTimeout(timer);
        clearTimeout(again);
        if (source) source.close();
        source = null;
      },
    };
    return api;
  }

  window.Wire = Wire;
  window.Wire.SITTING_MS = SITTING_MS;
})();
