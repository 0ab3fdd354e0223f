// Keeps the page as the mock is. What comes from there goes into the page as text, never as HTML.

const PERIOD = 1000; // ms between two questions
const PATIENCE = 5000; // ms to wait for an answer
const PAGE = 50; // tickets at a time
const MOST = 1000; // tickets that the mock lists at once
const TEXT = 64 * 1024; // bytes of a text attachment that are shown
const LINES = [200, 2000, 10000]; // how much of the log, each time that more is asked for

const ORDER = ["init", "ready", "claimed", "success", "failed", "timeout", "deleted"];
const RARE = new Set(["init", "timeout", "deleted"]); // no filter for them while there are none
const OVER = new Set(["success", "failed", "timeout", "deleted"]);

const $ = (id) => document.getElementById(id);
const STATE = document.querySelector("link[rel=alternate]").href;

// What the reader wishes to see. It stands in the address, so that it survives a reload.
const wish = { status: "", ticket: "", open: new Set(), limit: PAGE, lines: 0 };

// ------------------------------------------------------------------------- pieces of the page

/** A new element from the template of this name. */
const make = (template) => $(template).content.firstElementChild.cloneNode(true);

/** The part of an element that has this name in its template. */
const part = (root, name) => root.querySelector(`[data-is="${name}"]`);

/** Write a text, where it is another one. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Fill the parts of an element: names and texts. */
function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) write(part(root, name), text);
}

/**
 * Make a list have one element for each item, keeping those that are there already.
 * `key` is the property that tells items apart; `create` a function, or the name of a template.
 */
function keep(list, items, key, create, update) {
  const wanted = new Map(items.map((item) => [String(item[key]), item]));
  const there = new Map();
  for (const node of [...list.children]) {
    if (wanted.has(node.dataset.key)) there.set(node.dataset.key, node);
    else node.remove();
  }
  let place = list.firstElementChild;
  for (const [name, item] of wanted) {
    let node = there.get(name);
    if (!node) {
      node = typeof create === "string" ? make(create) : create(item);
      node.dataset.key = name;
    }
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
    update?.(node, item);
  }
}

// --------------------------------------------------------------------------- time and numbers

// The mock's, in ms, when it was read by ours, and whether it goes as ours does.
const clock = { time: 0, read: 0, frozen: false, ahead: 0 };

/** The mock's time; it goes on by itself only until the next answer is due. */
function now() {
  return clock.time + (clock.frozen ? 0 : Math.min(performance.now() - clock.read, 1.5 * PERIOD));
}

function setClock(iso) {
  clock.time = Date.parse(iso);
  clock.read = performance.now();
}

const NUMBER = new Intl.NumberFormat("en");
const HOUR = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "long" });
const DAY_CLOCK = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

function many(count, one, more = `${one}s`) {
  return `${NUMBER.format(count)} ${count === 1 ? one : more}`;
}

function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

function age(ms) {
  if (ms < 1500) return "just now";
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h ago`;
  return `${Math.floor(ms / 86_400_000)} days ago`;
}

function bytes(size) {
  if (size < 1000) return `${size} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const step = Math.min(Math.floor(Math.log10(size) / 3), units.length);
  const value = size / 1000 ** step;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[step - 1]}`;
}

/** Let a <time> say when something was; those that say how long ago are kept right by `tick`. */
function setTime(node, iso, { ago = false } = {}) {
  if (node.dateTime !== iso) {
    const time = new Date(iso);
    node.dateTime = iso;
    node.title = `${DAY.format(time)} (${iso})`;
    if (ago) node.dataset.ago = "";
    else write(node, HOUR.format(time));
  }
  if (ago) write(node, age(now() - Date.parse(iso)));
}

function tick() {
  for (const node of document.querySelectorAll("time[data-ago]")) {
    write(node, age(now() - Date.parse(node.dateTime)));
  }
  for (const node of document.querySelectorAll("[data-lasting]")) {
    write(node, `${duration(now() - Date.parse(node.dataset.lasting))} so far`);
  }
  if (clock.time) tellTime();
}

function tellTime() {
  const time = new Date(now());
  const isToday = time.toDateString() === new Date().toDateString();
  write($("clock"), (isToday ? CLOCK : DAY_CLOCK).format(time));
  const ahead = Math.abs(clock.ahead) * 1000;
  const moved = ahead < 1000 ? "" : `${duration(ahead)} ${clock.ahead > 0 ? "ahead" : "behind"}`;
  write($("moved"), clock.frozen ? "frozen" : moved);
}

// --------------------------------------------------------------------------------- attachments

const TEXTUAL = /^(text\/.*|application\/(.*\+)?(json|xml|yaml|javascript|x-sh))$/;

function createAttachment(attachment) {
  const figure = make("attachment");
  const type = attachment.mime_type.split(";")[0].trim().toLowerCase();
  fill(figure, {
    description: attachment.description || `Attachment ${attachment.id}`,
    type: attachment.mime_type || "no type",
    size: attachment.size === null ? "" : `, ${bytes(attachment.size)}`,
  });
  const link = part(figure, "link");
  if (attachment.url === null) {
    link.replaceWith("(erased)");
    return figure;
  }
  link.href = attachment.url;
  link.download = ""; // under the name that the mock gives it
  link.setAttribute("aria-label", `Download ${part(figure, "description").textContent}`);
  if (type.startsWith("image/")) figure.prepend(createPicture(attachment));
  else if (TEXTUAL.test(type)) figure.prepend(createText(attachment));
  return figure;
}

function createPicture(attachment) {
  const picture = document.createElement("img");
  picture.alt = attachment.description || "A picture without a description";
  picture.decoding = "async";
  picture.addEventListener("error", () => {
    picture.replaceWith(createRemark("This picture cannot be shown."));
  });
  picture.src = attachment.url;
  return picture;
}

function createText(attachment) {
  const block = document.createElement("pre");
  block.tabIndex = 0; // for it may have to be scrolled
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", attachment.description || "Text");
  block.textContent = "Loading…";
  readBeginning(attachment).then(
    ({ text, whole }) => {
      block.textContent = text;
      if (!whole) block.after(createRemark(`Only the first ${bytes(TEXT)} are shown.`));
    },
    () => block.replaceWith(createRemark("This text cannot be shown.")),
  );
  return block;
}

function createRemark(text) {
  const remark = document.createElement("p");
  remark.className = "muted";
  remark.textContent = text;
  return remark;
}

/** The first bytes of a text; the rest stays where it is. */
async function readBeginning(attachment) {
  const answer = await fetch(attachment.url, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const decoder = createDecoder(attachment.mime_type);
  const reader = answer.body.getReader();
  let text = "";
  for (let left = TEXT; left > 0; ) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), whole: true };
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.length;
  }
  await reader.cancel();
  return { text, whole: attachment.size <= TEXT };
}

function createDecoder(mimeType) {
  const charset = /;\s*charset="?([\w-]+)/i.exec(mimeType)?.[1];
  try {
    return new TextDecoder(charset ?? "utf-8");
  } catch {
    return new TextDecoder();
  }
}

function keepAttachments(list, attachments) {
  // They do not change, but they can be erased.
  const known = attachments.map((one) => ({ ...one, key: `${one.id} ${one.url}` }));
  keep(list, known, "key", createAttachment);
}

// ------------------------------------------------------------------------------------- tickets

function createTicket(ticket) {
  const node = make("ticket");
  node.id = `ticket-${ticket.id}`;
  const details = node.querySelector("details");
  details.open = wish.open.has(ticket.id);
  details.addEventListener("toggle", () => {
    if (details.open === wish.open.has(ticket.id)) return;
    if (details.open) wish.open.add(ticket.id);
    else wish.open.delete(ticket.id);
    follow();
  });
  return node;
}

function updateTicket(node, ticket) {
  node.dataset.status = ticket.status;
  fill(node, {
    id: `#${ticket.id}`,
    service: ticket.service.name,
    version: ticket.service.version,
    user: ticket.user.email,
    last: ticket.last_log?.message ?? "",
  });
  part(node, "last").dataset.category = ticket.last_log?.category ?? "";
  setStatus(part(node, "status"), ticket.status);
  setProgress(node, ticket);
  setTime(part(node, "active"), ticket.last_activity, { ago: true });
  setClaim(part(node, "claim"), ticket.claim);
  if (ticket.history && node.querySelector("details").open) {
    updateOpened(part(node, "opened"), ticket);
  }
}

function setStatus(badge, status) {
  const before = badge.dataset.status;
  if (before === status) return;
  badge.dataset.status = status;
  badge.textContent = status;
  if (before && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    badge.animate([{ outline: "0.3rem solid currentColor" }, { outline: "0 solid" }], 600);
  }
}

function setProgress(node, ticket) {
  // A success is whole, whatever was said on the way to it.
  const value = ticket.status === "success" ? 1 : ticket.progress ?? 0;
  const bar = part(node, "bar");
  bar.value = Math.min(Math.max(value, 0), 1);
  const text = ticket.status === "success" ? "100 %" : percent(ticket.progress);
  write(part(node, "percent"), text);
  bar.parentElement.classList.toggle("idle", value === 0 && ticket.status !== "claimed");
}

function percent(value) {
  return value === null ? "no number" : `${NUMBER.format(Math.round(value * 100))} %`;
}

function setClaim(node, claim) {
  node.hidden = !claim;
  if (!claim) return;
  fill(node, { provider: claim.provider || "nobody", code: claim.code || "without a name" });
  const user = part(node, "user");
  if (user) write(user, claim.user.email);
  else node.title = claim.user.email;
}

function updateOpened(place, ticket) {
  if (!part(place, "history")) place.replaceChildren($("opened").content.cloneNode(true));
  updateHistory(place, ticket);
  const position = part(place, "position");
  position.hidden = ticket.queue_position === null;
  write(position, `It is number ${ticket.queue_position} of all tickets that wait.`);
  updateChunks(place, ticket);
  updateFiles(place, "input", ticket.input);
  updateFiles(place, "results", ticket.results);
  updateLog(place, ticket);
}

function updateChunks(place, { chunks }) {
  const whole = chunks.length === 1 && chunks[0].start === 0 && chunks[0].end === 1;
  part(place, "parts").hidden = chunks.length === 0 || whole;
  keep(part(place, "chunks"), chunks, "start", () => createItem(""), (node, chunk) => {
    const { start, end, progress } = chunk;
    write(node, `from ${percent(start)} to ${percent(end)}: ${percent(progress)} done`);
  });
}

function createItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function updateHistory(place, { history }) {
  const changes = history.map((change, index) => {
    const until = history[index + 1]?.time;
    const lasts = !until && !OVER.has(change.status);
    const end = until ? Date.parse(until) : lasts ? now() : Date.parse(change.time);
    const length = Math.max(0, end - Date.parse(change.time));
    return { ...change, index, lasts, length, isLast: !until };
  });
  keep(part(place, "history"), changes, "index", "change", updateChange);
  const strip = changes.filter(({ length, lasts }) => length > 0 || lasts);
  const createStripe = () => document.createElement("span");
  keep(part(place, "strip"), strip, "index", createStripe, (node, change) => {
    node.dataset.status = change.status;
    node.title = `${change.status}: ${duration(change.length)}`;
    node.style.flexGrow = change.length;
  });
}

function updateChange(node, change) {
  setStatus(part(node, "status"), change.status);
  setTime(part(node, "time"), change.time);
  const lasting = part(node, "duration");
  if (change.lasts) lasting.dataset.lasting = change.time;
  else delete lasting.dataset.lasting;
  const text = duration(change.length) + (change.lasts ? " so far" : "");
  write(lasting, change.isLast && !change.lasts ? "" : text);
  setClaim(part(node, "by"), change.claim);
}

function updateFiles(place, area, { count, size, files }) {
  write(part(place, `${area}-sum`), count ? `${many(count, "file")}, ${bytes(size)}` : "none");
  const list = part(place, area);
  keep(list, files, "name", "file", (node, file) => {
    fill(node, { name: file.name, size: bytes(file.size) });
    const link = part(node, "name");
    link.href = file.url;
    link.setAttribute("aria-label", `Download ${file.name}`);
  });
  list.hidden = count === 0;
  const missing = count - files.length;
  if (missing > 0) list.append(createItem(`and ${many(missing, "more file")}`));
}

function updateLog(place, ticket) {
  const missing = ticket.log_lines - ticket.log.length;
  part(place, "earlier").hidden = missing <= 0;
  const button = part(place, "show-earlier");
  write(button, `Show earlier messages (${NUMBER.format(missing)})`);
  button.disabled = wish.lines === LINES.length - 1;
  button.onclick = () => {
    wish.lines += 1;
    follow();
  };
  part(place, "no-log").hidden = ticket.log_lines > 0;
  keep(part(place, "log"), ticket.log, "id", createLine, (node, entry) => {
    keepAttachments(part(node, "attachments"), entry.attachments);
  });
  part(place, "pending").hidden = ticket.pending.length === 0;
  keepAttachments(part(place, "pending-list"), ticket.pending);
}

function createLine(entry) {
  const node = make("line");
  node.dataset.category = entry.category;
  setTime(part(node, "time"), entry.time);
  fill(node, { category: entry.category, message: entry.message });
  const rest = entry.length - entry.message.length;
  if (rest > 0) {
    part(node, "rest").hidden = false;
    write(part(node, "rest"), `… and ${many(rest, "more character")}`);
  }
  return node;
}

/** Listed tickets and opened ones, which stay in view when they no longer fit the list. */
function shownTickets(state) {
  const shown = new Map(state.tickets.map((ticket) => [ticket.id, ticket]));
  for (const ticket of state.opened) if (wish.open.has(ticket.id)) shown.set(ticket.id, ticket);
  return [...shown.values()].sort((one, other) => other.id - one.id);
}

function showTickets(state) {
  const tickets = shownTickets(state);
  keep($("ticket-list"), tickets, "id", createTicket, updateTicket);
  $("no-tickets").hidden = tickets.length > 0;
  write($("no-tickets"), noTickets(state));
  $("more").hidden = state.older_tickets === 0;
  const older = many(state.older_tickets, "older ticket is", "older tickets are");
  write($("more-text"), `${older} not shown.`);
  $("more-button").hidden = wish.limit >= MOST;
}

function noTickets(state) {
  if (wish.ticket) return `There is no${wish.status && ` ${wish.status}`} ticket ${wish.ticket}.`;
  if (total(state)) return `No ticket is ${wish.status}.`;
  return "No tickets yet. As soon as a user makes one, it appears here.";
}

const total = (state) => Object.values(state.ticket_counts).reduce((sum, count) => sum + count, 0);

// ---------------------------------------------------------------------- the rest of the page

function showFacts(state) {
  const facts = $("facts");
  if (!$("clock")) {
    const time = document.createElement("span");
    time.id = "clock";
    time.title = "The time by the clock of the mock";
    const who = state.noauth ? "everybody is signed in as an administrator" : "sign-in by token";
    facts.textContent = `${location.host} · speaks as ${state.dialect} · ${who} · `;
    const moved = document.createElement("span");
    moved.id = "moved";
    moved.className = "moved";
    facts.append(time, " ", moved);
  }
  const open = state.ticket_counts.ready + state.ticket_counts.claimed;
  document.title = open ? `(${NUMBER.format(open)}) DSS mock middleware` : "DSS mock middleware";
}

function showFaults(state) {
  $("faults").hidden = state.faults.length === 0;
  keep($("fault-list"), state.faults, "id", "fault", (node, fault) => {
    fill(node, { description: fault.description, hits: `(met ${many(fault.hits, "request")})` });
  });
}

function showServices(state) {
  $("no-services").hidden = state.services.length > 0;
  keep($("service-list"), state.services, "githash", "service", (node, service) => {
    fill(node, {
      name: service.name,
      version: service.version,
      shortdesc: service.shortdesc,
      queue: many(service.queue_length, "ticket"),
      providers: service.providers.join(", ") || "nobody any more",
      hash: service.githash.slice(0, 8),
    });
    part(node, "hash").title = service.githash;
    node.classList.toggle("waiting", service.queue_length > 0);
    node.classList.toggle("withdrawn", service.providers.length === 0);
    if (service.last_heard) setTime(part(node, "heard"), service.last_heard, { ago: true });
    else write(part(node, "heard"), "never asked");
  });
}

function showFilter(state) {
  const counts = { "": total(state), ...state.ticket_counts };
  const isShown = (name) => !RARE.has(name) || counts[name] > 0 || name === wish.status;
  const chips = ["", ...ORDER.filter(isShown)].map((name) => ({ name }));
  keep($("statuses"), chips, "name", createChip, (chip, { name }) => {
    fill(chip, { label: name || "all", count: NUMBER.format(counts[name]) });
    chip.querySelector("input").checked = name === wish.status;
  });
}

function createChip({ name }) {
  const chip = make("status");
  const input = chip.querySelector("input");
  chip.dataset.status = name;
  input.value = name;
  input.addEventListener("change", () => {
    wish.status = name;
    wish.limit = PAGE;
    wish.open.clear();
    follow();
  });
  return chip;
}

function showPeople(state) {
  keep($("provider-list"), state.providers, "name", "provider", (node, provider) => {
    const members = provider.users.map(({ email }) => email).join(", ") || "nobody";
    fill(node, { name: provider.name || "(without a name)", members });
  });
  keep($("user-list"), state.users, "id", "user", (node, user) => {
    const rights = [user.name, user.tier, user.sysadmin ? "administrator" : ""].filter(Boolean);
    fill(node, { email: user.email, rights: rights.join(", ") });
  });
}

// What is new, for those who listen to the page.
const known = new Map();

function tellNews(state, first) {
  const news = [];
  for (const { id, status } of state.tickets) {
    if (known.get(id) !== status) news.push(`Ticket ${id}: ${status}`);
    known.set(id, status);
  }
  if (!first && news.length) {
    write($("news"), news.length > 3 ? `${news.length} tickets have changed` : news.join(". "));
  }
}

// ------------------------------------------------------------------------- questions and answers

let etag = "";
let life = "";
let paused = false;
let question = null; // the one whose answer counts
let timer = 0;

function show(state) {
  if (life && life !== state.life) {
    // Whatever is here is about tickets of another life; the page may be another one, too.
    location.reload();
    return;
  }
  setClock(state.time);
  Object.assign(clock, state.clock);
  showFacts(state);
  showFaults(state);
  showServices(state);
  showFilter(state);
  showTickets(state);
  showPeople(state);
  tellNews(state, !life);
  life = state.life;
}

function address() {
  const asked = new URLSearchParams({ limit: wish.limit, log: LINES[wish.lines] });
  if (wish.status) asked.set("status", wish.status);
  if (wish.ticket) asked.set("id", wish.ticket);
  if (wish.open.size) asked.set("open", [...wish.open].join(","));
  return `${STATE}?${asked}`;
}

async function ask() {
  clearTimeout(timer);
  question?.abort();
  const mine = new AbortController();
  question = mine;
  const impatience = setTimeout(() => mine.abort(), PATIENCE);
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(address(), { headers, cache: "no-store", signal: mine.signal });
    if (answer.status === 304) {
      setClock(answer.headers.get("DSS-Mock-Time"));
    } else if (answer.ok) {
      const state = await answer.json();
      if (mine !== question) return;
      etag = answer.headers.get("ETag") ?? "";
      show(state);
    } else {
      throw new Error(`${answer.status} ${answer.statusText}`);
    }
    if (mine === question) say("live");
  } catch (error) {
    if (mine !== question) return;
    console.info("The mock did not answer:", error);
    say("gone");
  } finally {
    clearTimeout(impatience);
  }
  tick();
  if (mine === question) wait();
}

function wait() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(ask, PERIOD);
}

const WORDS = {
  live: "Live",
  paused: "Paused",
  gone: "The mock does not answer. Trying again…",
};

function say(state) {
  const shown = paused && state === "live" ? "paused" : state;
  document.body.dataset.connection = shown;
  $("connection").dataset.state = shown;
  write($("connection"), WORDS[shown]);
}

/** Look at once, after what the reader wishes has changed. */
function follow() {
  const kept = new URLSearchParams();
  if (wish.status) kept.set("status", wish.status);
  if (wish.ticket) kept.set("ticket", wish.ticket);
  if (wish.open.size) kept.set("open", [...wish.open].join(","));
  if (wish.limit !== PAGE) kept.set("limit", wish.limit);
  history.replaceState(null, "", `${location.pathname}${kept.size ? `#${kept}` : ""}`);
  ask();
}

function readAddress() {
  const kept = new URLSearchParams(location.hash.slice(1));
  const digits = (text) => /^\d{1,15}$/.test(text ?? "");
  if (ORDER.includes(kept.get("status"))) wish.status = kept.get("status");
  if (digits(kept.get("ticket"))) wish.ticket = kept.get("ticket");
  if (digits(kept.get("limit"))) wish.limit = Math.min(Number(kept.get("limit")), MOST);
  const open = (kept.get("open") ?? "").split(",").filter(digits);
  wish.open = new Set(open.slice(0, PAGE).map(Number));
  $("find").value = wish.ticket;
}

$("pause").addEventListener("click", () => {
  paused = !paused;
  write($("pause"), paused ? "Go on" : "Pause");
  if (paused) {
    wait();
    say("paused");
  } else ask();
});
$("more-button").addEventListener("click", () => {
  wish.limit = Math.min(wish.limit + PAGE, MOST);
  follow();
});
$("find").addEventListener("input", () => {
  const text = $("find").value.trim().replace(/^#/, "");
  const isId = /^(0*[1-9]\d*)?$/.test(text);
  $("find").setAttribute("aria-invalid", !isId);
  write($("find-hint"), isId ? "" : "No such id: ids are numbers from 1.");
  const id = isId ? text.replace(/^0+/, "") : "";
  if (id === wish.ticket) return;
  wish.ticket = id;
  wish.open = new Set(id ? [Number(id)] : []);
  for (const details of document.querySelectorAll(".ticket > details")) {
    details.open = wish.open.has(Number(details.parentElement.dataset.key));
  }
  follow();
});
$("find").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  $("find").value = "";
  $("find").dispatchEvent(new Event("input"));
});
$("filter").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) wait();
  else if (!paused) ask();
});
setInterval(() => {
  if (!document.hidden && !paused) tick();
}, PERIOD);

readAddress();
ask();
