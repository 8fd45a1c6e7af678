// Opens an access link. The key leaves the address before anything else happens, and is sent once, in a body.
"use strict";
(() => {
  const key = location.hash.slice(1).split(".")[0];
  history.replaceState(null, "", location.pathname);
  const say = (id, text) => {
    for (const part of document.querySelectorAll("[data-state]")) part.hidden = part.id !== id;
    if (text) document.getElementById("reason").textContent = text;
  };
  if (!key) return;
  say("opening");
  fetch(location.pathname, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key }),
    credentials: "same-origin",
    redirect: "error",
  })
    .then(async (answer) => {
      const told = await answer.json();
      if (answer.ok) location.replace(told.next);
      else if (told.code === "link_for_screens") say("screens");
      else say("refused", told.message);
    })
    .catch(() => say("refused", "The server did not answer. Open the link once more from where you got it."));
})();
