(function () {
  'use strict';
  var body = document.body, live = document.getElementById('live'), timer = 0;
  function tell(button, text, ok) {
    live.textContent = '';
    // A moment's pause lets a screen reader notice the same words a second time.
    setTimeout(function () { live.textContent = text; }, 50);
    if (ok) { button.textContent = body.dataset.copied; }
    clearTimeout(timer);
    timer = setTimeout(function () { live.textContent = ''; }, 4000);
    setTimeout(function () { button.textContent = body.dataset.copy; }, 4000);
  }
  // A page opened from a file may not reach the clipboard interface: then the browser's copy command does it. The copy event
  // gets the text itself, since a text area would change line ends.
  function command(text) {
    var area = document.createElement('textarea'), ok = false;
    function put(e) { e.clipboardData.setData('text/plain', text); e.preventDefault(); }
    area.value = text || ' ';
    area.readOnly = true;
    area.className = 'off';
    body.appendChild(area);
    area.select();
    document.addEventListener('copy', put);
    try { ok = document.execCommand('copy'); } catch (e) { ok = false; }
    document.removeEventListener('copy', put);
    body.removeChild(area);
    return ok;
  }
  document.addEventListener('click', function (e) {
    var button = e.target.closest('button[data-for]');
    if (!button) { return; }
    var text = document.getElementById(button.dataset.for).textContent;
    function fall() {
      var ok = command(text);
      button.focus();
      tell(button, ok ? body.dataset.copied : body.dataset.failed, ok);
    }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(text).then(function () { tell(button, body.dataset.copied, true); }, fall);
    } else { fall(); }
  });
})();
