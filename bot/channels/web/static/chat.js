// The page: shows the talk, takes what is typed or tapped. Everything shown is set as text, never as HTML.
(function () {
  "use strict";
  const find = (id) => document.getElementById(id);
  const texts = JSON.parse(find("texts").textContent);
  const log = find("log");
  const talk = find("talk");
  const waiting = find("waiting");
  const say = find("say");
  const labels = {};
  const bubbles = {};
  const FORGET = "command:forget";
  let asker = null;
  let touched = Date.now();
  let choices = null;
  let tapped = false;
  let over = false;

  function make(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function message(from, text) {
    const node = make("div", "message " + from);
    node.appendChild(make("span", "unseen", texts[from] + ": "));
    node.appendChild(make("div", "bubble", text));
    return node;
  }

  // ---- what is shown

  function showMine(item, text, into) {
    const node = message("me", text);
    bubbles[item.id] = node;
    (into || waiting).appendChild(node);
    return node;
  }

  function note(node, text) {
    const old = node.querySelector(".note");
    if (old) old.remove();
    if (text) node.appendChild(make("span", "note", text));
  }

  function showReply(reply) {
    retire();
    const node = message("bot", reply.text);
    if (reply.image && reply.image.charAt(0) === "/") {
      const image = make("img");
      image.src = reply.image;
      image.alt = "";
      node.firstElementChild.nextElementSibling.appendChild(image);
    }
    if (reply.choices.length) node.appendChild(offer(reply.choices));
    talk.appendChild(node);
    return node;
  }

  function offer(list) {
    choices = make("div", "choices");
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", texts.choices);
    choices.tabIndex = -1;
    list.forEach((choice, index) => {
      labels[choice.value] = choice.label;
      const button = make("button", "", (index + 1) + ". " + choice.label);
      button.type = "button";
      button.addEventListener("click", () => {
        if (choice.value === FORGET) { dialog(button); return; }
        tapped = true;
        tell({ choice: choice.value, label: choice.label });
      });
      choices.appendChild(button);
    });
    return choices;
  }

  // Earlier choices stay readable and can no longer be pressed.
  function retire() {
    if (!choices) return;
    const old = make("ul", "old");
    old.setAttribute("aria-label", texts.old_choices);
    Array.from(choices.children).forEach((button) => old.appendChild(make("li", "", button.textContent)));
    choices.parentNode.replaceChild(old, choices);
    choices = null;
  }

  function notice(text, actions) {
    const node = make("div", "notice");
    node.appendChild(make("p", "", text));
    actions.forEach((action) => {
      const button = make("button", action.quiet ? "quiet" : "", action.label);
      button.type = "button";
      button.addEventListener("click", () => { node.remove(); action.run(); });
      node.appendChild(button);
    });
    talk.appendChild(node);
    log.scrollTop = log.scrollHeight;
    return node;
  }

  function typing() {
    find("typing").hidden = over || !wire.busy() || find("state").textContent !== "";
  }

  // To the end, but never past the start of what is new.
  function reveal(node) {
    const top = node.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop - 8;
    log.scrollTop = Math.min(top, log.scrollHeight - log.clientHeight);
    hint();
  }

  // What lies below the edge must not go unnoticed.
  function hint() {
    find("down").hidden = over || log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }

  function empty() {
    talk.textContent = "";
    waiting.textContent = "";
    choices = null;
  }

  // ---- what goes out and comes in

  function tell(item) {
    if (over) return;
    touched = Date.now();
    retire();
    const node = showMine(wire.say(item), item.label || item.text);
    mark();
    typing();
    reveal(node);
  }

  function mark() {
    const held = find("state").textContent !== "";
    Array.from(waiting.children).forEach((node) => note(node, held ? texts.waiting : ""));
  }

  const wire = window.Wire({
    settled(item) {
      const node = bubbles[item.id];
      if (node && node.parentNode === waiting) {
        note(node, "");
        talk.appendChild(node);
      }
      typing();
    },
    said(item) { // in another tab
      touched = Date.now();
      if (!bubbles[item.id] && (item.text || labels[item.choice])) {
        retire();
        showMine(item, item.text || labels[item.choice], talk);
      }
    },
    replies(list) {
      touched = Date.now();
      const nodes = list.map(showReply);
      typing();
      const before = nodes[0].previousElementSibling;
      reveal(before && before.classList.contains("me") ? before : nodes[0]);
      // Buttons to press: the keyboard of a phone makes room for them.
      if (choices && !say.value && matchMedia("(pointer: coarse)").matches) say.blur();
      if (tapped && choices && document.activeElement !== say) choices.focus({ preventScroll: true });
      tapped = false;
    },
    refused(item, text) {
      const node = bubbles[item.id];
      if (node) {
        talk.appendChild(node);
        note(node, texts.sending_failed);
      }
      notice(text || texts.sending_failed, []);
      typing();
    },
    state(why) {
      const text = why === "offline" || why === "busy" ? texts[why] : why;
      if (find("state").textContent !== text) find("state").textContent = text;
      mark();
      if (text && waiting.children.length) log.scrollTop = log.scrollHeight;
      typing();
    },
    forgotten(replies) { finished(replies.length ? replies[0].text : texts.forgotten); },
    language() { location.replace("/"); },
  });

  // ---- leaving the device to the next person

  function finished(text) {
    over = true;
    empty();
    typing();
    find("state").textContent = "";
    find("composer").hidden = true;
    find("more").hidden = true;
    notice(text, [{ label: texts.new_talk, run() { location.replace("/"); } }]).querySelector("button").focus();
  }

  function idle() {
    if (over || wire.busy() || Date.now() - touched < window.Wire.SITTING_MS || !talk.children.length) return;
    finished(texts.idle);
    wire.close();
  }

  function forget() {
    menu(false);
    dialog(null);
    wire.clear();
    empty();
    find("composer").hidden = true;
    notice(texts.forgetting, []);
    wire.say({ choice: FORGET });
  }

  function menu(open) {
    find("menu").hidden = !open;
    find("more").setAttribute("aria-expanded", String(open));
    if (open) find("menu").querySelector("button").focus();
  }

  // Asks before the talk is erased; afterwards the focus goes back to the button that asked.
  function dialog(by) {
    find("cover").hidden = !by;
    (by ? find("forget-no") : asker || find("more")).focus();
    asker = by;
  }

  find("more").addEventListener("click", () => menu(find("menu").hidden));
  find("menu").addEventListener("click", (event) => {
    const choice = event.target.getAttribute("data-choice");
    if (!choice) return;
    menu(false);
    say.blur();
    tapped = true;
    tell({ choice, label: event.target.textContent });
  });
  find("forget").addEventListener("click", () => { menu(false); dialog(find("more")); });
  find("forget-yes").addEventListener("click", forget);
  find("forget-no").addEventListener("click", () => dialog(null));
  document.addEventListener("click", (event) => {
    if (!find("menu").hidden && !event.target.closest(".more")) menu(false);
  });
  document.addEventListener("keydown", (event) => {
    const inDialog = !find("cover").hidden;
    if (event.key === "Escape" && inDialog) dialog(null);
    else if (event.key === "Escape" && !find("menu").hidden) { menu(false); find("more").focus(); }
    else if (event.key === "Tab" && inDialog) {
      event.preventDefault();
      (document.activeElement === find("forget-no") ? find("forget-yes") : find("forget-no")).focus();
    }
  });

  // ---- typing

  function grow() {
    say.style.height = "auto";
    say.style.height = Math.min(say.scrollHeight + 4, 138) + "px";
  }

  say.addEventListener("input", grow);
  say.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  function submit() {
    const text = say.value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "").trim();
    if (text) tell({ text });
    say.value = "";
    grow();
    say.focus();
  }
  find("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });

  log.addEventListener("scroll", hint);
  window.addEventListener("resize", hint);
  find("down").addEventListener("click", () => { log.scrollTop += log.clientHeight * 0.8; });

  // ---- start

  function show(messages) {
    messages.forEach((m) => {
      if (m.from === "bot") showReply(m);
      else { retire(); showMine(m, m.text, talk); }
    });
    if (messages.length && messages[messages.length - 1].from === "me") retire();
  }

  function takeUp(items) {
    items.forEach((item) => showMine(item, item.label || item.text || ""));
    wire.adopt(items);
    mark();
    typing();
  }

  function leftOver(greeting) {
    const items = wire.waiting();
    if (items.some((item) => item.choice === FORGET)) { forget(); return; }
    const old = items.filter(wire.isOld);
    if (old.length) {
      notice(texts.stale, [
        { label: texts.stale_send, run() { takeUp(old); } },
        { label: texts.stale_drop, quiet: true, run() { old.forEach(wire.drop); } },
      ]);
    }
    const fresh = items.filter((item) => !wire.isOld(item));
    if (greeting) wire.say({ id: greeting.id, choice: greeting.choice, greeting: true, quiet: true });
    if (fresh.length) takeUp(fresh);
  }

  async function start() {
    document.documentElement.className = "";
    const opened = await wire.open();
    find("opening").remove();
    show(opened.messages);
    log.setAttribute("aria-busy", "false");
    log.scrollTop = log.scrollHeight;
    wire.listen();
    leftOver(opened.greeting);
    typing();
  }

  window.addEventListener("online", () => wire.wake());
  window.addEventListener("offline", () => { if (!over) find("state").textContent = texts.offline; mark(); typing(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    idle();
    wire.wake();
  });
  setInterval(idle, 30 * 1000);
  start();
})();
