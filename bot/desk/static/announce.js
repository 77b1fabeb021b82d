// The numbers of a running announcement, every three seconds; without scripts the page is loaded anew by hand.
(function () {
  "use strict";
  var pulse = document.getElementById("pulse");
  var state = document.getElementById("state");
  var bar = document.getElementById("bar");
  if (!pulse || !state) return;
  setInterval(function () {
    if (document.hidden) return;
    fetch(pulse.getAttribute("data-from"), { credentials: "same-origin" }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.json() : null;
    }).then(function (now) {
      if (!now) return;
      if (now.state !== state.getAttribute("data-state")) { location.reload(); return; }
      now.waiting += now.sending;
      pulse.querySelectorAll("[data-n]").forEach(function (cell) { cell.textContent = now[cell.getAttribute("data-n")]; });
      if (bar) bar.value = now.all - now.waiting;
    }).catch(function () { /* no network: the page stays as it is */ });
  }, 3000);
})();
