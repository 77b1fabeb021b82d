// The page's behaviour: joins what is seen (view.js) with what goes over the network (wire.js).
(function () {
  "use strict";
  const FORGET = "command:forget";
  const find = (id) => document.getElementById(id);
  const texts = JSON.parse(find("texts").textContent);
  const say = find("say");
  let touched = Date.now();
  let tapped = false;
  let over = false;
  let asker = null;

  const view = window.View(texts, (choice, button) => {
    if (choice.value === FORGET) dialog(button);
    else tap(choice.value, choice.label);
  });

  const wire = window.Wire({
    settled(item) {
      view.taken(item.id);
      typing();
    },
    said(item) { // in another tab
      touched = Date.now();
      const text = item.text || view.label(item.choice);
      if (view.knows(item.id) || !text) return;
      view.retire();
      view.mine(item.id, text, true);
    },
    replies(list) {
      touched = Date.now();
      const nodes = list.map(view.reply);
      typing();
      // Buttons to press: the keyboard of a phone makes room for them.
      if (view.hasChoices() && !say.value && matchMedia("(pointer: coarse)").matches) say.blur();
      view.reveal(nodes[0]);
      if (tapped && document.activeElement !== say) view.focusChoices();
      tapped = false;
    },
    refused(item, text) {
      view.refused(item.id);
      view.notice(text || texts.gave_up, []);
      typing();
    },
    state(why) {
      view.state(why === "offline" || why === "busy" ? texts[why] : why);
      typing();
    },
    forgotten(replies) { finish(replies.length ? replies[0].text : texts.forgotten); },
    language() { location.replace("/"); },
  });

  function typing() { view.typing(!over && wire.busy()); }

  // ---- what the person says

  function tell(item) {
    if (over) return;
    touched = Date.now();
    view.retire();
    const node = view.mine(wire.say(item).id, item.label || item.text);
    if (find("state").textContent) view.state(find("state").textContent);
    typing();
    view.reveal(node);
  }

  function tap(choice, label) {
    tapped = true;
    tell({ choice, label });
  }

  function grow() {
    say.style.height = "auto";
    say.style.height = Math.min(say.scrollHeight + 4, 138) + "px";
  }

  function submit(event) {
    event.preventDefault();
    const text = say.value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "").trim();
    if (text) tell({ text });
    say.value = "";
    grow();
    say.focus();
  }

  say.addEventListener("input", grow);
  say.addEventListener("keydown", (event) => {
    // While a Vietnamese keyboard still composes a letter, Enter belongs to the keyboard.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
  });
  find("composer").addEventListener("submit", submit);

  // ---- the menu and the question before erasing

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
    tap(choice, event.target.textContent);
  });
  find("forget").addEventListener("click", () => { menu(false); dialog(find("more")); });
  find("forget-yes").addEventListener("click", () => { dialog(null); forget(); });
  find("forget-no").addEventListener("click", () => dialog(null));
  document.addEventListener("click", (event) => {
    if (!find("menu").hidden && !event.target.closest(".more")) menu(false);
  });
  document.addEventListener("keydown", (event) => {
    const asking = !find("cover").hidden;
    if (event.key === "Escape" && asking) dialog(null);
    else if (event.key === "Escape" && !find("menu").hidden) { menu(false); find("more").focus(); }
    else if (event.key === "Tab" && asking) {
      event.preventDefault();
      (document.activeElement === find("forget-no") ? find("forget-yes") : find("forget-no")).focus();
    }
  });

  // ---- leaving the device to the next person

  function forget() {
    wire.clear();
    over = true;
    view.close();
    view.notice(texts.forgetting, []);
    wire.say({ choice: FORGET });
  }

  function finish(text) {
    over = true;
    view.close();
    const restart = { label: texts.new_talk, run() { location.replace("/"); } };
    view.notice(text, [restart]).querySelector("button").focus();
  }

  function idle() {
    if (over || wire.busy() || view.isEmpty() || Date.now() - touched < window.Wire.SITTING_MS) return;
    wire.close();
    finish(texts.idle);
  }

  // ---- start

  function show(messages) {
    messages.forEach((m) => {
      if (m.from === "bot") view.reply(m); else { view.retire(); view.mine(m.id, m.text, true); }
    });
  }

  function takeUp(items) {
    items.forEach((item) => view.mine(item.id, item.label || item.text || ""));
    wire.adopt(items);
    typing();
  }

  // What waited for the network when the page was left: sent at once, or after asking when it was long ago.
  function leftOver() {
    const old = wire.waiting().filter(wire.isOld);
    const fresh = wire.waiting().filter((item) => !wire.isOld(item));
    if (old.length) {
      view.notice(texts.stale, [
        { label: texts.stale_send, run() { takeUp(old); } },
        { label: texts.stale_drop, quiet: true, run() { old.forEach(wire.drop); } },
      ]);
    }
    if (fresh.length) takeUp(fresh);
  }

  async function start() {
    document.documentElement.className = "";
    const opened = await wire.open();
    find("opening").remove();
    wire.listen();
    if (wire.waiting().some((item) => item.choice === FORGET)) { forget(); return; }
    show(opened.messages);
    view.toEnd();
    find("log").setAttribute("aria-busy", "false");
    const greeting = opened.greeting;
    if (greeting) wire.say({ id: greeting.id, choice: greeting.choice, greeting: true, quiet: true });
    leftOver();
    fromPoster();
    typing();
  }

  // A class's poster or QR code leads to /?start=c-<class>: as if its button had been tapped, once.
  function fromPoster() {
    const named = /[?&]start=c-([A-Za-z0-9_-]{1,40})(?:&|$)/.exec(location.search);
    if (!named) return;
    history.replaceState(null, "", "/");
    tap("course:" + named[1], texts.start_class);
  }

  window.addEventListener("online", () => { view.state(""); wire.wake(); });
  window.addEventListener("offline", () => { if (!over) view.state(texts.offline); typing(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    idle();
    wire.wake();
  });
  setInterval(idle, 30 * 1000);
  start();
})();
