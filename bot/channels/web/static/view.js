// What is seen of the talk. Everything is set as text, never as HTML; nothing here sends or receives.
(function () {
  "use strict";
  const RECEIPT = /\b(HN-[A-Z0-9]{6})\b/;
  const PAPER = /(\/papers\/(?:[A-Z0-9]+-[0-9]+-[0-9a-f]{32}|mau-01\.pdf))/; // our own page: the only address that becomes a link
  const OWN_SEEN = 120; // pixels of one's own words that stay in sight above the reply
  const find = (id) => document.getElementById(id);

  function make(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  // `texts`: the page's own words; `chosen(choice, button)` hears which choice was pressed.
  window.View = function (texts, chosen) {
    const log = find("log");
    const talk = find("talk");
    const waiting = find("waiting");
    const bubbles = {};
    const labels = {};
    let choices = null;

    function paper(path) {
      const link = make("a", "", texts.open_paper);
      link.href = path;
      link.target = "_blank";
      link.rel = "noopener";
      return link;
    }

    function message(from, text) {
      const node = make("div", "message " + from);
      node.appendChild(make("span", "unseen", texts[from] + ": "));
      const bubble = make("div", "bubble");
      // A receipt number is to be copied by hand: whole, and easy to find.
      text.split(PAPER).forEach((piece, at) => {
        if (at % 2) { bubble.appendChild(paper(piece)); return; }
        piece.split(RECEIPT).forEach((part, index) => {
          bubble.appendChild(index % 2 ? make("b", "receipt", part) : document.createTextNode(part));
        });
      });
      node.appendChild(bubble);
      return node;
    }

    function note(node, text) {
      const old = node.querySelector(".note");
      if (old) old.remove();
      if (text) node.appendChild(make("span", "note", text));
    }

    function offer(list) {
      choices = make("div", "choices");
      choices.setAttribute("role", "group");
      choices.setAttribute("aria-label", texts.choices);
      choices.tabIndex = -1;
      list.forEach((choice, index) => {
        labels[choice.value] = choice.label;
        // "Useful" and "not yet" judge the answer: one row, apart from the ways on.
        const judges = choice.value.indexOf("useful:") === 0;
        const button = make("button", judges ? "half" : "", (index + 1) + ". " + choice.label);
        button.type = "button";
        button.addEventListener("click", () => chosen(choice, button));
        choices.appendChild(button);
      });
      return choices;
    }

    const view = {
      // Earlier choices stay readable and can no longer be pressed.
      retire() {
        if (!choices) return;
        const old = make("ul", "old");
        old.setAttribute("aria-label", texts.old_choices);
        Array.from(choices.children).forEach((button) => old.appendChild(make("li", "", button.textContent)));
        choices.parentNode.replaceChild(old, choices);
        choices = null;
      },
      // What the person said: still waiting to be taken, or already `taken`.
      mine(id, text, taken) {
        const node = message("me", text);
        bubbles[id] = node;
        (taken ? talk : waiting).appendChild(node);
        return node;
      },
      knows: (id) => id in bubbles,
      label: (value) => labels[value],
      taken(id) {
        const node = bubbles[id];
        if (!node || node.parentNode !== waiting) return;
        note(node, "");
        talk.appendChild(node);
      },
      refused(id) {
        const node = bubbles[id];
        if (!node) return;
        talk.appendChild(node);
        note(node, texts.sending_failed);
      },
      reply(reply) {
        view.retire();
        const node = message("bot", reply.text);
        if (reply.image && reply.image.charAt(0) === "/") {
          const image = make("img");
          image.src = reply.image;
          image.alt = "";
          node.querySelector(".bubble").appendChild(image);
        }
        if (reply.choices.length) node.appendChild(offer(reply.choices));
        talk.appendChild(node);
        return node;
      },
      notice(text, actions) {
        const node = make("div", "notice");
        node.appendChild(make("p", "", text));
        actions.forEach((action) => {
          const button = make("button", action.quiet ? "quiet" : "", action.label);
          button.type = "button";
          button.addEventListener("click", () => { node.remove(); action.run(); });
          node.appendChild(button);
        });
        talk.appendChild(node);
        view.toEnd();
        return node;
      },
      // The line above the input: no network, too fast, …; messages that wait say so.
      state(text) {
        if (find("state").textContent !== text) find("state").textContent = text;
        Array.from(waiting.children).forEach((node) => note(node, text ? texts.waiting : ""));
        if (text && waiting.children.length) view.toEnd();
      },
      typing(yes) { find("typing").hidden = !yes || find("state").textContent !== ""; },
      // As far down as possible, but never past the start of what is new.
      reveal(node) {
        const before = node.previousElementSibling;
        const first = before && before.classList.contains("me") ? before : node;
        const start = Math.max(first.getBoundingClientRect().top - 8, node.getBoundingClientRect().top - OWN_SEEN);
        const top = start - log.getBoundingClientRect().top + log.scrollTop;
        log.scrollTop = Math.min(top, log.scrollHeight - log.clientHeight);
        hint();
      },
      toEnd() { log.scrollTop = log.scrollHeight; },
      focusChoices() { if (choices) choices.focus({ preventScroll: true }); },
      hasChoices: () => choices !== null,
      isEmpty: () => !talk.children.length,
      clear() {
        talk.textContent = "";
        waiting.textContent = "";
        choices = null;
      },
      // Nothing can be said any more, until the page is loaded anew.
      close() {
        view.clear();
        view.state("");
        view.typing(false);
        find("composer").hidden = true;
        find("more").hidden = true;
        hint();
      },
    };

    // What lies below the edge must not go unnoticed.
    function hint() {
      find("down").hidden = find("composer").hidden || log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    }
    log.addEventListener("scroll", hint);
    window.addEventListener("resize", hint);
    find("down").addEventListener("click", () => { log.scrollTop += log.clientHeight * 0.8; });
    return view;
  };
})();
