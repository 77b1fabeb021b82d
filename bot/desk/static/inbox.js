// A talk that is open: new messages come in by themselves, what the officer is typing stays. Without this: reload.
(function () {
  "use strict";
  var thread = document.getElementById("thread");
  var news = document.getElementById("news");
  if (!thread || !news || !window.fetch || !window.DOMParser) return;

  function draw(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var fresh = page.getElementById("thread");
    if (!fresh) return;
    thread.innerHTML = fresh.innerHTML;
    thread.setAttribute("data-last", fresh.getAttribute("data-last"));
    var shown = thread.querySelector(".said:last-child");
    if (shown && shown.scrollIntoView) shown.scrollIntoView({ block: "nearest" });
    news.textContent = news.getAttribute("data-text");
    news.hidden = false;
  }

  setInterval(function () {
    if (document.hidden) return;
    fetch(thread.getAttribute("data-news"), { credentials: "same-origin" }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.json() : null;
    }).then(function (now) {
      if (!now || now.last <= Number(thread.getAttribute("data-last"))) return null;
      return fetch(location.pathname, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(draw);
    }).catch(function () { /* no network: the page stays as it is */ });
  }, 4000);
})();
