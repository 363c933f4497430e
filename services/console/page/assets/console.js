// What a page does by itself: forms are sent without leaving it, what is typed is kept, and what changes elsewhere
// comes in. Everything works without it as well, by loading the page again.
(() => {
  "use strict";
  const main = document.getElementById("main");
  if (!main) return;
  const on = main.dataset.on;
  const KEEP_AFTER = 600; // ms without a key
  const AGAIN_AFTER = 3000; // ms, where the server did not answer
  const timers = new Map();
  let since = main.dataset.since;
  const done = new Map(); // what was done by forms that may be gone afterwards
  let source = null;

  const part = (address, options = {}) =>
    fetch(address, { ...options, headers: { "x-part": "1", ...options.headers }, redirect: "manual" });

  const body = (form) => {
    const fields = new URLSearchParams(new FormData(form));
    if (form.querySelector("fieldset.fields:disabled")) return null; // it is being saved
    return fields;
  };

  // --- what is typed is kept

  const draftAddress = (form) => {
    const address = new URL(form.action);
    address.pathname += "/draft";
    return address.href;
  };

  const keep = async (form) => {
    clearTimeout(timers.get(form.id));
    timers.delete(form.id);
    const fields = body(form);
    if (!fields) return;
    const answer = await fetch(draftAddress(form), { method: "POST", body: fields }).catch(() => null);
    if (answer && answer.ok) delete form.dataset.unkept;
    else form.dataset.unkept = "yes";
  };

  const isDue = (form) => timers.has(form.id);

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    form.dataset.typed = "yes";
    clearTimeout(timers.get(form.id));
    timers.set(form.id, setTimeout(() => keep(form), KEEP_AFTER));
  });

  const keepAllNow = () => {
    for (const form of document.querySelectorAll("form[data-act]")) {
      if (!isDue(form)) continue;
      clearTimeout(timers.get(form.id));
      timers.delete(form.id);
      const fields = body(form);
      if (fields) navigator.sendBeacon(draftAddress(form), fields);
    }
  };
  addEventListener("pagehide", keepAllNow);

  // --- forms are sent without leaving the page

  const say = (form, text) => {
    const place = form.querySelector("[data-said]");
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: text, className: "wrong" }));
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    clearTimeout(timers.get(form.id));
    timers.delete(form.id);
    const forget = event.submitter && event.submitter.name === "forget";
    const fields = new URLSearchParams(new FormData(form));
    if (forget) fields.set("forget", "yes");
    form.dataset.sending = "yes";
    say(form, "");
    try {
      const answer = await part(forget ? draftAddress(form) : form.action, { method: "POST", body: fields });
      if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
      show(form.dataset.act, await answer.text(), true);
    } catch {
      say(form, "It could not be sent. What you typed is still here: please try again in a moment.");
    } finally {
      delete form.dataset.sending;
    }
  });

  // Put a form that came from the server in the place of the one that is there.
  const show = (id, html, mine) => {
    const there = document.getElementById(id);
    const came = new DOMParser().parseFromString(html, "text/html");
    const fresh = came.getElementById(id);
    if (!there || !fresh) return;
    const had = there.contains(document.activeElement);
    const said = there.nextElementSibling;
    if (said && said.matches(".said")) said.remove();
    const after = fresh.nextElementSibling;
    there.replaceWith(fresh);
    if (fresh.querySelector("form").dataset.state === "done") done.set(id, fresh.querySelector("summary").textContent);
    if (after && after.matches(".said")) fresh.after(after);
    if (mine || had) {
      const first = fresh.querySelector("[data-refused]") || fresh.querySelector("summary");
      first.focus({ preventScroll: !mine });
    }
  };

  // One at a time, and once more where it was asked for meanwhile: an older answer must not come after a newer one.
  const oneAtATime = (act) => {
    const asked = new Map();
    return async (id = "") => {
      if (asked.has(id)) return void asked.set(id, true);
      try {
        do {
          asked.set(id, false);
          await act(id);
        } while (asked.get(id));
      } finally {
        asked.delete(id);
      }
    };
  };

  const look = oneAtATime(async (id) => {
    const form = document.getElementById(`${id}-form`);
    if (!form) return;
    if (isDue(form)) await keep(form);
    const answer = await part(form.action).catch(() => null);
    if (answer && answer.ok) show(id, await answer.text(), false);
  });

  // --- what changes elsewhere comes in

  const isBusy = (act) => {
    const form = act.querySelector("form");
    return act.open && (form.dataset.typed || ["saving", "refused"].includes(form.dataset.state) || act.contains(document.activeElement));
  };

  // Where browsers can, what moves keeps its focus, and a day that is half typed.
  const move = (act, to, before) => (to.moveBefore ? to.moveBefore(act, before) : to.insertBefore(act, before));

  // What can be chosen grows also where somebody is typing: a player who was just named can be invited.
  const offer = (act, fresh) => {
    for (const choice of fresh.querySelectorAll("select[name]")) {
      const mine = act.querySelector(`select[name="${CSS.escape(choice.name)}"]`);
      const known = new Set([...(mine ? mine.options : choice.options)].map((one) => one.value));
      for (const one of choice.options) if (!known.has(one.value)) mine.append(new Option(one.text, one.value));
    }
    for (const many of fresh.querySelectorAll("[data-many]")) {
      const mine = act.querySelector(`[data-many="${CSS.escape(many.dataset.many)}"]`);
      const known = new Set([...(mine || many).querySelectorAll("input")].map((one) => one.value));
      for (const tick of many.querySelectorAll("label.tick")) {
        if (known.has(tick.control.value)) continue;
        mine.querySelector("p.soft")?.remove();
        const added = tick.cloneNode(true);
        mine.append(added);
        added.control.checked = false;
      }
    }
  };

  // Parts are replaced; forms in which somebody is typing stay as they are.
  const refresh = oneAtATime(async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (answer && answer.redirected) return;
    if (!answer || !answer.ok) return refreshSoon(AGAIN_AFTER);
    const came = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of came.querySelectorAll("[data-live]")) {
      const there = document.querySelector(`[data-live="${fresh.dataset.live}"]`);
      if (!there || there.outerHTML === fresh.outerHTML) continue;
      const focused = there.contains(document.activeElement) ? document.activeElement : null;
      const opened = [...there.querySelectorAll("details[open][id]")];
      there.after(fresh);
      for (const act of opened) {
        const place = fresh.querySelector(`[id="${act.id}"]`);
        if (isBusy(act)) {
          if (place) offer(act, place);
          if (place) move(act, place.parentNode, place);
          else move(act, fresh, null); // it is not possible any more; what was typed stays to be copied
          if (place) place.remove();
        } else if (place) place.open = true;
      }
      there.remove();
      if (!focused || document.activeElement === focused) continue;
      const again = focused.isConnected ? focused : focused.id && document.getElementById(focused.id);
      if (again) again.focus({ preventScroll: true });
    }
    for (const [id, title] of done) {
      if (!document.getElementById(id)) toast(`${id}-done`, [`Done: ${title.trim()}.`]);
      done.delete(id);
    }
    for (const form of document.querySelectorAll("form[data-conflict]")) await look(form.dataset.act);
  });

  let refreshing = null;
  const refreshSoon = (after = 150) => {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => refresh(), after);
  };

  const toast = (id, html) => {
    const place = document.getElementById("toasts");
    if (document.getElementById(id)) return;
    const said = document.createElement("p");
    said.id = id;
    said.append(...html);
    place.append(said);
    if (id.endsWith("-done")) setTimeout(() => said.remove(), 8000);
  };

  const link = (to, text) => Object.assign(document.createElement("a"), { href: to, textContent: text });
  const drop = (id) => document.getElementById(id)?.remove();

  const hear = (act) => (event) => {
    since = event.lastEventId;
    act(JSON.parse(event.data));
  };

  const listen = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/live?${new URLSearchParams({ on, since })}`);
    source.onopen = () => {
      drop("lost");
      document.querySelectorAll("form[data-unkept]").forEach(keep);
    };
    source.onerror = () => {
      toast("lost", ["The connection is interrupted. What you type is kept as soon as it is back."]);
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(listen, 5000);
    };
    source.addEventListener("changed", hear(() => refreshSoon()));
    source.addEventListener("command", hear((form) => {
      const mine = [...document.querySelectorAll("form[data-act]")].find((one) => one.dataset.key === form);
      if (mine) look(mine.dataset.act);
      refreshSoon();
    }));
    source.addEventListener("notice", hear(() => {
      drop("noticed");
      toast("noticed", ["You have a new notification. ", link("/notifications", "Look at it")]);
    }));
  };

  // Browsers hold few connections to one place: a page that nobody looks at lets go of its own.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return listen();
    keepAllNow();
    if (source) source.close();
    source = null;
  });
  listen();
})();
