// A talk that is open: new messages come in by themselves, what the officer is typing stays. Without this: reload.
(function () {
  "use strict";
  var thread = document.getElementById("thread");
  var news = document.getElementById("news");
  if (!thread || !news || !window.fetch || !window.DOMParser) return;

  function known(name) { return Number(thread.getAttribute("data-" + name)); }

  function draw(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var fresh = page.getElementById("thread");
    if (!fresh) return;
    var newer = Number(fresh.getAttribute("data-last")) > known("last");
    thread.innerHTML = fresh.innerHTML;
    ["data-last", "data-sending"].forEach(function (name) { thread.setAttribute(name, fresh.getAttribute(name)); });
    if (!newer) return; // only what became of a message
    news.textContent = news.getAttribute("data-text");
    news.hidden = false;
  }

  setInterval(function () {
    if (document.hidden) return;
    fetch(thread.getAttribute("data-news"), { credentials: "same-origin" }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.json() : null;
    }).then(function (now) {
      if (!now || !known("last") || (now.last <= known("last") && now.sending === known("sending"))) return null;
      return fetch(location.pathname, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(draw);
    }).catch(function () { /* no network: the page stays as it is */ });
  }, 4000);
})();
