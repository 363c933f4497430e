// What a page does by itself: forms are sent without leaving it, what is typed is kept, and what changes elsewhere
// comes in. Everything works without it as well, by loading the page again.
(() => {
  "use strict";
  const main = document.getElementById("main");
  if (!main) return;
  const on = main.dataset.on;
  const KEEP_AFTER = 600; // ms without a key
  const AGAIN_AFTER = 3000; // ms, where the server did not answer
  const LONG = 3_600_000; // ms that a page has heard nothing
  const TOO_LONG = 413, OUT = 401;
  const timers = new Map();
  let since = main.dataset.since;
  const done = new Map(); // what was done by forms that may be gone afterwards
  let source = null;

  // Asked as whom the page was made for: where somebody else has logged in since, nothing is done in their name.
  const me = main.dataset.me;
  const part = (address, options = {}) =>
    fetch(address, { ...options, headers: { "x-part": "1", "x-reader": encodeURIComponent(me), ...options.headers }, redirect: "manual" });

  // As a form is sent, but for letters of other alphabets, which stay as they are: what is kept as a page is left has to
  // fit into 64 kB.
  const plainly = (text) => text.replace(/[%&=+\s]/g, (one) => encodeURIComponent(one));
  const send = (address, form, more = {}, options = {}) => {
    const fields = [...new FormData(form), ...Object.entries(more)];
    const body = fields.map((pair) => pair.map(plainly).join("=")).join("&");
    return part(address, { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded" }, ...options });
  };

  const isOut = (answer) => {
    if (!answer || answer.status !== OUT) return false;
    drop("lost");
    const login = Object.assign(link("/login", "Log in in another tab"), { target: "_blank", rel: "noopener" });
    toast("out", ["You are no longer logged in. ", login, ": what you typed is still here, and is kept then."]);
    return true;
  };

  // --- what is typed is kept

  const draftAddress = (form) => {
    const address = new URL(form.action);
    address.pathname += "/draft";
    return address.href;
  };

  // data-unkept: it is not known to be kept; data-failed: nor is it on its way.
  let last = 0;
  const keep = async (form, options = {}) => {
    clearTimeout(timers.get(form.id));
    timers.delete(form.id);
    if (!form.isConnected || form.querySelector("fieldset.fields:disabled")) return; // gone, or being saved
    const mark = (form.dataset.unkept = String(++last));
    const answer = await send(draftAddress(form), form, {}, options).catch(() => null);
    if (form.dataset.unkept !== mark) return; // somebody has typed since
    if (answer && answer.ok) {
      if (form.dataset.failed === String(TOO_LONG)) say(form, "");
      delete form.dataset.unkept;
      delete form.dataset.failed;
      return;
    }
    form.dataset.failed = answer ? answer.status : "";
    if (isOut(answer)) return; // kept when they are back
    if (answer && answer.status === TOO_LONG) return say(form, "This is too long to be kept: please shorten it.");
    const mayPass = !answer || answer.status === 429 || answer.status >= 500;
    if (mayPass && !isDue(form)) timers.set(form.id, setTimeout(() => keep(form), AGAIN_AFTER));
  };

  const isDue = (form) => timers.has(form.id);

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    form.dataset.typed = "yes";
    delete form.dataset.sent;
    clearTimeout(timers.get(form.id));
    timers.set(form.id, setTimeout(() => keep(form), KEEP_AFTER));
  });

  const keepAllNow = () => {
    for (const form of document.querySelectorAll("form[data-act]")) {
      if (isDue(form) || form.dataset.unkept) keep(form, { keepalive: true });
    }
  };
  addEventListener("pagehide", keepAllNow);

  // Nobody leaves without knowing that the last words are not kept.
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-failed]")) event.preventDefault();
  });

  // --- forms are sent without leaving the page

  const say = (form, text) => {
    const place = form.querySelector("[data-said]");
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: text, className: "wrong" }));
  };

  const WHY_NOT = {
    [OUT]: "It was not sent: you are no longer logged in. Log in in another tab, then send it again. What you typed is still here.",
    404: "It was not sent: it is not possible any more, or not yours to do. What you typed is still here.",
    [TOO_LONG]: "It was not sent: it is too long. Please shorten it.",
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    clearTimeout(timers.get(form.id));
    timers.delete(form.id);
    const forget = event.submitter && event.submitter.name === "forget";
    form.dataset.sending = "yes";
    say(form, "");
    const answer = await send(forget ? draftAddress(form) : form.action, form, forget ? { forget: "yes" } : {}).catch(() => null);
    const html = answer && (answer.ok || answer.status === 422) ? await answer.text().catch(() => null) : null;
    delete form.dataset.sending;
    if (html !== null) return show(form.dataset.act, html, true);
    isOut(answer);
    say(form, WHY_NOT[answer && answer.status] || "It could not be sent. What you typed is still here: please try again in a moment.");
    form.querySelector("[data-said]").scrollIntoView({ block: "center" }); // the button is below, and the form may be long
    if (forget) return;
    form.dataset.sent = "yes"; // perhaps: the answer may be what was lost
    if (!answer || answer.status !== TOO_LONG) keep(form);
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
    if (isOut(answer) || !answer || !answer.ok) return;
    const html = await answer.text().catch(() => "");
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(form.id);
    const there = document.getElementById(form.id);
    if (!fresh || !there) return;
    if (there.matches("[data-conflict]") && fresh.matches("[data-conflict]")) return compare(there, fresh);
    const isAnswered = there.dataset.sent && ["saving", "done"].includes(fresh.dataset.state);
    if (!there.dataset.typed || isAnswered) show(id, html, false);
  });

  // Somebody decides between two: what they type stays, and what is there now comes to stand beside it.
  const compare = (form, fresh) => {
    for (const now of fresh.querySelectorAll("[data-field]")) {
      const mine = form.querySelector(`[data-field="${CSS.escape(now.dataset.field)}"]`);
      if (!mine) continue;
      const [before, theirs] = [mine, now].map((one) => one.querySelector(".theirs"));
      if (before && theirs) before.replaceChildren(...theirs.childNodes);
      else if (before) before.remove();
      else if (theirs) mine.append(theirs);
      const [input, described] = [mine, now].map((one) => one.querySelector("[name], [data-many]"));
      const by = described.getAttribute("aria-describedby");
      if (by) input.setAttribute("aria-describedby", by);
      else input.removeAttribute("aria-describedby");
    }
    for (const { name, value } of fresh.querySelectorAll("input[type='hidden']:not([name='command_id'])")) {
      const seen = form.querySelector(`input[type='hidden'][name="${CSS.escape(name)}"]`);
      if (seen) seen.value = value;
    }
  };

  // --- what changes elsewhere comes in

  const isBusy = (act) => {
    const form = act.querySelector("form");
    if (form.dataset.unkept) return true;
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
    const answer = await part(location.href).catch(() => null);
    if (isOut(answer)) return;
    if (!answer || !answer.ok) return refreshSoon(AGAIN_AFTER);
    const came = new DOMParser().parseFromString(await answer.text(), "text/html");
    let before = null; // the part that stands before the next one
    for (const fresh of came.querySelectorAll("[data-live]")) {
      const there = document.querySelector(`[data-live="${fresh.dataset.live}"]`);
      const previous = before;
      before = there && there.outerHTML === fresh.outerHTML ? there : fresh;
      if (before === there) continue;
      if (!there) {
        if (previous) previous.after(fresh); // it was not there until now
        continue;
      }
      const focused = there.contains(document.activeElement) ? document.activeElement : null;
      const acts = [...there.querySelectorAll("details.act")];
      there.after(fresh);
      for (const act of acts) {
        const place = fresh.querySelector(`[id="${act.id}"]`);
        if (isBusy(act)) {
          if (place) offer(act, place);
          if (place) move(act, place.parentNode, place);
          else move(act, fresh, null); // it is not possible any more; what was typed stays to be copied
          if (place) place.remove();
        } else if (place && act.open) place.open = true;
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

  // What is told is kept for a day only: whoever has heard nothing for long looks for themselves, also after a sleep.
  let heard = Date.now();
  const hears = () => {
    const isLong = Date.now() - heard > LONG;
    heard = Date.now();
    if (!isLong) return;
    refreshSoon();
    if (!on || on.startsWith("customers/")) toast("old", ["This page has been open for a while. ", link(location.href, "Load it again")]);
  };
  setInterval(() => source && source.readyState === EventSource.OPEN && hears(), 60_000);

  const listen = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/live?${new URLSearchParams({ on, since, reader: me })}`);
    source.onopen = () => {
      drop("lost");
      drop("out");
      hears();
      document.querySelectorAll("form[data-unkept]").forEach((form) => keep(form));
    };
    source.onerror = () => {
      if (!document.getElementById("out")) toast("lost", ["The connection is interrupted. What you type is kept as soon as it is back."]);
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(listen, AGAIN_AFTER);
      part("/live", { method: "HEAD" }).then(isOut, () => {}); // the stream does not tell why it was refused
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
