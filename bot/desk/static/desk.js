// Small comforts; every page works without them.
(function () {
  "use strict";
  var all = document.getElementById("all");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", function () {
      document.querySelectorAll("input[name=id]").forEach(function (box) { box.checked = all.checked; });
    });
  }
  var print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
  }
  // The head's "More" closes by Escape, and when something else is tapped.
  var more = document.getElementById("more");
  if (more) {
    document.addEventListener("click", function (event) { if (!more.contains(event.target)) more.open = false; });
    more.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !more.open) return;
      more.open = false;
      more.querySelector("summary").focus();
    });
  }
  // The first field that is wrong is where the officer goes on.
  var wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
  // Today: a sentence when somebody registered, or asks, since the page was drawn.
  var today = document.getElementById("today");
  var news = document.getElementById("news");
  if (today && news) {
    setInterval(function () {
      if (document.hidden) return;
      fetch("/desk/pulse", { credentials: "same-origin" }).then(function (answer) {
        return answer.ok && !answer.redirected ? answer.json() : null;
      }).then(function (now) {
        if (!now) return;
        if (now.new > Number(today.getAttribute("data-new")) || now.waiting > Number(today.getAttribute("data-waiting"))) {
          news.textContent = news.getAttribute("data-text");
          news.hidden = false;
        }
      }).catch(function () { /* no network: the page stays as it is */ });
    }, 60000);
  }
  // A long piece of work: the bar moves by itself, the page comes again when it is done.
  var errand = document.getElementById("errand");
  if (errand) {
    setInterval(function () {
      fetch(errand.getAttribute("data-pulse"), { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok || answer.redirected) location.reload();
        return answer.json();
      }).then(function (now) {
        if (now.finished) location.reload();
        if (now.total) { errand.max = now.total; errand.value = now.done; }
      }).catch(function () { /* no network: asked again in a second */ });
    }, 1000);
  }
})();
