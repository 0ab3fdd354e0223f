// Updates the page from the mock's state. All received text is set as text, never as HTML.

const PERIOD = 1000; // ms between two requests
const TIMEOUT = 5000; // ms to wait for a response
const PAGE_SIZE = 50; // tickets
const MOST_TICKETS = 1000; // the largest limit that the mock accepts
const LOG_LINES = 200;
const MOST_LOG_LINES = 10_000; // the largest number that the mock accepts
const MOST_TEXT = 1_000_000; // bytes of a text attachment that the page shows

const STATUSES = ["init", "ready", "claimed", "success", "failed", "timeout", "deleted"];
const RARE = new Set(["init", "timeout", "deleted"]); // their filters are hidden without tickets
const FINAL = new Set(["success", "failed", "timeout", "deleted"]);

const $ = (id) => document.getElementById(id);
const STATE = document.querySelector("link[rel=alternate]").href;

// The user's choices. The address contains all except `logLines`, so they survive a reload.
const view = { status: "", ticket: "", open: new Set(), limit: PAGE_SIZE, logLines: LOG_LINES };

// ----------------------------------------------------------------------------------- elements

const cloneTemplate = (id) => $(id).content.firstElementChild.cloneNode(true);

/** Return the element with this `data-part`. */
const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

function setText(node, text) {
  // An unchanged text is not set again, because that removes the user's selection.
  if (node.textContent !== text) node.textContent = text;
}

/** Set the texts of parts by their names. */
function setTexts(root, texts) {
  for (const [name, text] of Object.entries(texts)) setText(part(root, name), text);
}

/**
 * Make a list contain one element for each item, and keep the elements that exist.
 * `key` names the property that identifies an item; `create` is a function or a template.
 */
function syncList(list, items, key, create, update) {
  const wanted = new Map(items.map((item) => [String(item[key]), item]));
  const existing = new Map();
  for (const node of [...list.children]) {
    if (wanted.has(node.dataset.key)) existing.set(node.dataset.key, node);
    else node.remove();
  }
  let next = list.firstElementChild;
  for (const [name, item] of wanted) {
    let node = existing.get(name);
    if (!node) {
      node = typeof create === "string" ? cloneTemplate(create) : create(item);
      node.dataset.key = name;
    }
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
    update?.(node, item);
  }
}

function createNote(text) {
  const note = document.createElement("p");
  note.className = "muted";
  note.textContent = text;
  return note;
}

function createItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

// --------------------------------------------------------------------------- time and numbers

// The mock's clock: its time in ms, and when the page received it.
const clock = { time: 0, received: 0, frozen: false, ahead: 0 };

function now() {
  if (clock.frozen) return clock.time;
  // Without new responses the time stops, so a stopped mock does not seem alive.
  return clock.time + Math.min(performance.now() - clock.received, 1.5 * PERIOD);
}

function setClock(iso) {
  clock.time = Date.parse(iso);
  clock.received = performance.now();
}

const NUMBER = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

function count(number, one, more = `${one}s`) {
  return `${NUMBER.format(number)} ${number === 1 ? one : more}`;
}

function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  return `${Math.floor(hours / 24)} days`;
}

/** Return how long ago a time was, without the smaller unit. */
function age(iso) {
  const ms = now() - Date.parse(iso);
  return ms < 1500 ? "just now" : `${duration(ms).split(" ", 2).join(" ")} ago`;
}

function bytes(size) {
  if (size < 1000) return `${size} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const step = Math.min(Math.floor(Math.log10(size) / 3), units.length);
  const value = size / 1000 ** step;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[step - 1]}`;
}

function percent(value) {
  return value === null ? "not a number" : `${NUMBER.format(Math.round(value * 100))} %`;
}

function setTime(node, iso, text) {
  if (node.dateTime !== iso) {
    node.dateTime = iso;
    node.title = DATE.format(new Date(iso));
  }
  setText(node, text);
}

/** Show an age; `updateTimes` keeps it up to date. */
function setAge(node, iso) {
  node.dataset.age = "";
  setTime(node, iso, age(iso));
}

function updateTimes() {
  for (const node of document.querySelectorAll("[data-age]")) setText(node, age(node.dateTime));
  for (const node of document.querySelectorAll("[data-since]")) {
    setText(node, `${duration(now() - Date.parse(node.dataset.since))} so far`);
  }
  if (!clock.time) return;
  setText($("clock"), DATE.format(new Date(now())));
  const ahead = Math.abs(clock.ahead) * 1000;
  const moved = ahead < 1000 ? "" : `${duration(ahead)} ${clock.ahead > 0 ? "ahead" : "behind"}`;
  setText($("moved"), clock.frozen ? "frozen" : moved);
}

// -------------------------------------------------------------------------------- attachments

const TEXT_TYPE = /^(text\/.*|application\/(.*\+)?(json|xml|yaml|javascript|x-sh))$/;

function syncAttachments(list, attachments) {
  // An attachment changes only when it is erased.
  const items = attachments.map((item) => ({ ...item, key: `${item.id} ${item.url}` }));
  syncList(list, items, "key", createAttachment);
}

function createAttachment({ id, description, mime_type, url, size }) {
  const figure = cloneTemplate("attachment");
  setTexts(figure, {
    link: description || `Attachment ${id}`,
    facts: `${mime_type || "no type"}, ${url === null ? "erased" : bytes(size)}`,
  });
  if (url === null) return figure;
  part(figure, "link").href = url;
  const type = mime_type.split(";")[0].trim().toLowerCase();
  if (type.startsWith("image/")) figure.prepend(createImage(url, description));
  else if (TEXT_TYPE.test(type) && size <= MOST_TEXT) {
    figure.prepend(createText(url, description, mime_type));
  }
  return figure;
}

function createImage(url, description) {
  const image = document.createElement("img");
  image.alt = description || "Image without a description";
  image.addEventListener("error", () => {
    image.replaceWith(createNote("This picture cannot be shown."));
  });
  image.src = url;
  return image;
}

function createText(url, description, mimeType) {
  const block = document.createElement("pre");
  block.tabIndex = 0; // lets keyboard users scroll
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", description || "Text");
  loadText(url, mimeType).then(
    (text) => setText(block, text),
    () => block.replaceWith(createNote("This text cannot be shown.")),
  );
  return block;
}

async function loadText(url, mimeType) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  return createDecoder(mimeType).decode(await response.arrayBuffer());
}

function createDecoder(mimeType) {
  const charset = /;\s*charset="?([\w-]+)/i.exec(mimeType)?.[1];
  try {
    return new TextDecoder(charset ?? "utf-8");
  } catch {
    return new TextDecoder(); // the charset does not exist
  }
}

// ------------------------------------------------------------------------------------ tickets

function showTickets(state) {
  // Open tickets stay on the page when the filter excludes them.
  const shown = new Map(state.tickets.map((ticket) => [ticket.id, ticket]));
  for (const ticket of state.opened) if (view.open.has(ticket.id)) shown.set(ticket.id, ticket);
  const tickets = [...shown.values()].sort((one, other) => other.id - one.id);
  syncList($("ticket-list"), tickets, "id", createTicket, updateTicket);
  $("no-tickets").hidden = tickets.length > 0;
  setText($("no-tickets"), describeEmptyList(state));
  $("more").hidden = state.older_tickets === 0;
  const older = count(state.older_tickets, "older ticket is", "older tickets are");
  setText($("more-text"), `${older} not shown.`);
  $("more-button").hidden = view.limit >= MOST_TICKETS;
}

function describeEmptyList(state) {
  if (view.ticket) return `There is no${view.status && ` ${view.status}`} ticket ${view.ticket}.`;
  if (countTickets(state)) return `No ticket is ${view.status}.`;
  return "No tickets yet. A ticket appears here when a user creates it.";
}

function countTickets(state) {
  return Object.values(state.ticket_counts).reduce((sum, number) => sum + number, 0);
}

function createTicket({ id }) {
  const node = cloneTemplate("ticket");
  node.id = `ticket-${id}`;
  const details = node.querySelector("details");
  details.open = view.open.has(id);
  details.addEventListener("toggle", () => {
    if (details.open === view.open.has(id)) return;
    if (details.open) view.open.add(id);
    else view.open.delete(id);
    applyView();
  });
  return node;
}

function updateTicket(node, ticket) {
  node.dataset.status = ticket.status;
  setTexts(node, {
    id: `#${ticket.id}`,
    service: ticket.service.name,
    version: ticket.service.version,
    user: ticket.user.email,
    last: ticket.last_log?.message ?? "",
  });
  part(node, "last").dataset.category = ticket.last_log?.category ?? "";
  setStatus(part(node, "status"), ticket.status);
  setProgress(node, ticket);
  setAge(part(node, "active"), ticket.last_activity);
  setClaim(part(node, "claim"), ticket.claim);
  if (ticket.history && view.open.has(ticket.id)) updateDetails(part(node, "details"), ticket);
}

function setStatus(badge, status) {
  badge.dataset.status = status;
  setText(badge, status);
}

function setProgress(node, { status, progress }) {
  // A successful ticket is complete, even if its provider did not report that.
  const value = status === "success" ? 1 : progress;
  part(node, "work").hidden = !value && status !== "claimed";
  part(node, "bar").value = Math.min(value ?? 0, 1);
  setText(part(node, "percent"), percent(value));
}

function setClaim(node, claim) {
  node.hidden = !claim;
  if (!claim) return;
  setTexts(node, { provider: claim.provider || "(empty)", code: claim.code || "(empty)" });
  const user = part(node, "claimer");
  if (user) setText(user, claim.user.email);
}

function updateDetails(place, ticket) {
  if (!part(place, "history")) place.replaceChildren($("details").content.cloneNode(true));
  updateHistory(place, ticket);
  const position = part(place, "position");
  position.hidden = ticket.queue_position === null;
  setText(position, `Position ${ticket.queue_position} of all waiting tickets.`);
  updateChunks(place, ticket);
  updateFiles(place, "input", ticket.input);
  updateFiles(place, "results", ticket.results);
  updateLog(place, ticket);
}

function updateHistory(place, { history }) {
  const changes = history.map((change, index) => {
    const end = history[index + 1]?.time;
    return { ...change, index, end, lasts: !end && !FINAL.has(change.status) };
  });
  syncList(part(place, "history"), changes, "index", "change", (node, change) => {
    setStatus(part(node, "status"), change.status);
    setTime(part(node, "time"), change.time, TIME.format(new Date(change.time)));
    const length = part(node, "duration");
    if (change.lasts) length.dataset.since = change.time;
    else delete length.dataset.since;
    const end = change.end && Date.parse(change.end);
    if (!change.lasts) setText(length, end ? duration(end - Date.parse(change.time)) : "");
    setClaim(part(node, "by"), change.claim);
  });
}

function updateChunks(place, { chunks }) {
  const isWhole = chunks.length === 1 && chunks[0].start === 0 && chunks[0].end === 1;
  part(place, "parts").hidden = chunks.length === 0 || isWhole;
  syncList(part(place, "chunks"), chunks, "start", () => createItem(""), (node, chunk) => {
    const { start, end, progress } = chunk;
    setText(node, `from ${percent(start)} to ${percent(end)}: ${percent(progress)} done`);
  });
}

function updateFiles(place, area, { count: number, size, files }) {
  setText(part(place, `${area}-sum`), number ? `${count(number, "file")}, ${bytes(size)}` : "none");
  const list = part(place, area);
  syncList(list, files, "name", "file", (node, file) => {
    setTexts(node, { name: file.name, size: bytes(file.size) });
    part(node, "name").href = file.url;
  });
  if (number > files.length) {
    list.append(createItem(`and ${count(number - files.length, "more file")}`));
  }
}

function updateLog(place, ticket) {
  const missing = ticket.log_lines - ticket.log.length;
  const button = part(place, "earlier");
  button.hidden = missing <= 0;
  button.disabled = view.logLines === MOST_LOG_LINES;
  setText(button, `Show earlier messages (${NUMBER.format(missing)})`);
  button.onclick = () => {
    view.logLines = MOST_LOG_LINES;
    applyView();
  };
  part(place, "no-log").hidden = ticket.log_lines > 0;
  syncList(part(place, "log"), ticket.log, "id", createLogLine, (node, entry) => {
    syncAttachments(part(node, "attachments"), entry.attachments);
  });
  part(place, "pending").hidden = ticket.pending.length === 0;
  syncAttachments(part(place, "pending-list"), ticket.pending);
}

function createLogLine({ category, time, message, length }) {
  const node = cloneTemplate("line");
  node.dataset.category = category;
  setTime(part(node, "time"), time, TIME.format(new Date(time)));
  setTexts(node, { category, message });
  const rest = length - message.length;
  if (rest > 0) part(node, "message").after(createNote(`… and ${count(rest, "more character")}`));
  return node;
}

// ---------------------------------------------------------------------- the rest of the page

function showServer(state) {
  const login = state.noauth ? "every client is an administrator" : "sign-in by token";
  setText($("server"), `${location.host} · version ${state.dialect} · ${login}`);
}

let unfinished = 0; // the number in the title

function showTitle({ ticket_counts: { ready, claimed } }) {
  if (ready + claimed === unfinished) return;
  unfinished = ready + claimed;
  document.title = `${unfinished ? `(${NUMBER.format(unfinished)}) ` : ""}DSS mock middleware`;
}

function showFaults({ faults }) {
  $("faults").hidden = faults.length === 0;
  syncList($("fault-list"), faults, "id", "fault", (node, { description, hits }) => {
    setTexts(node, { description, hits: `(met ${count(hits, "request")})` });
  });
}

function showServices({ services }) {
  $("no-services").hidden = services.length > 0;
  syncList($("service-list"), services, "githash", "service", (node, service) => {
    setTexts(node, {
      name: service.name,
      version: service.version,
      shortdesc: service.shortdesc,
      queue: count(service.queue_length, "ticket"),
      providers: service.providers.join(", ") || "no provider any more",
      hash: service.githash.slice(0, 8),
    });
    part(node, "hash").title = service.githash;
    part(node, "queue").classList.toggle("waiting", service.queue_length > 0);
    if (service.last_heard) setAge(part(node, "heard"), service.last_heard);
    else setText(part(node, "heard"), "never asked");
  });
}

function showFilter(state) {
  const counts = { "": countTickets(state), ...state.ticket_counts };
  const isShown = (name) => !RARE.has(name) || counts[name] > 0 || name === view.status;
  const filters = ["", ...STATUSES.filter(isShown)].map((name) => ({ name }));
  syncList($("statuses"), filters, "name", createFilter, (node, { name }) => {
    setTexts(node, { label: name || "all", count: NUMBER.format(counts[name]) });
    node.querySelector("input").checked = name === view.status;
  });
}

function createFilter({ name }) {
  const node = cloneTemplate("status");
  const input = node.querySelector("input");
  input.value = name;
  input.addEventListener("change", () => {
    view.status = name;
    view.limit = PAGE_SIZE;
    view.open.clear();
    applyView();
  });
  return node;
}

function showAccounts(state) {
  syncList($("provider-list"), state.providers, "name", "provider", (node, { name, users }) => {
    const members = users.map(({ email }) => email).join(", ") || "no members";
    setTexts(node, { name: name || "(empty)", members });
  });
  syncList($("user-list"), state.users, "id", "user", (node, user) => {
    const rights = [user.name, user.tier, user.sysadmin && "administrator"].filter(Boolean);
    setTexts(node, { email: user.email, rights: rights.join(", ") });
  });
}

const announced = new Map(); // statuses by ticket id

/** Tell users of screen readers which tickets changed. */
function announceChanges(tickets, isFirst) {
  const changed = tickets.filter(({ id, status }) => announced.get(id) !== status);
  for (const { id, status } of changed) announced.set(id, status);
  if (isFirst || !changed.length) return;
  const texts = changed.map(({ id, status }) => `Ticket ${id}: ${status}`);
  setText($("news"), texts.length > 3 ? `${texts.length} tickets have changed` : texts.join(". "));
}

// ----------------------------------------------------------------------- requests to the mock

let etag = "";
let life = "";
let paused = false;
let current = null; // the controller of the newest request
let timer = 0;

function show(state) {
  if (life && life !== state.life) {
    // The mock was reset or restarted: ids start again, and the page itself can be another version.
    location.reload();
    return;
  }
  setClock(state.time);
  Object.assign(clock, state.clock);
  showServer(state);
  showTitle(state);
  showFaults(state);
  showServices(state);
  showFilter(state);
  showTickets(state);
  showAccounts(state);
  announceChanges(state.tickets, !life);
  life = state.life;
}

function buildUrl() {
  const query = new URLSearchParams({ limit: view.limit, log: view.logLines });
  if (view.status) query.set("status", view.status);
  if (view.ticket) query.set("id", view.ticket);
  if (view.open.size) query.set("open", [...view.open].join(","));
  return `${STATE}?${query}`;
}

async function refresh() {
  clearTimeout(timer);
  current?.abort();
  const own = new AbortController();
  current = own;
  const timeout = setTimeout(() => own.abort(), TIMEOUT);
  try {
    const response = await fetch(buildUrl(), {
      headers: etag ? { "If-None-Match": etag } : {},
      cache: "no-store",
      signal: own.signal,
    });
    if (response.status === 304) setClock(response.headers.get("DSS-Mock-Time"));
    else if (response.ok) {
      const state = await response.json();
      if (own !== current) return;
      etag = response.headers.get("ETag") ?? "";
      show(state);
    } else throw new Error(`${response.status} ${response.statusText}`);
    showConnection(paused ? "paused" : "live");
  } catch (error) {
    if (own !== current) return; // a newer request replaced this one
    console.info("The mock did not answer:", error);
    showConnection("gone");
  } finally {
    clearTimeout(timeout);
  }
  updateTimes();
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(refresh, PERIOD);
}

const CONNECTION_TEXTS = {
  live: "Live",
  paused: "Paused",
  gone: "The mock does not answer. Trying again…",
};

function showConnection(name) {
  $("connection").dataset.state = name;
  setText($("connection"), CONNECTION_TEXTS[name]);
}

/** Store the view in the address, and request it at once. */
function applyView() {
  const stored = new URLSearchParams();
  if (view.status) stored.set("status", view.status);
  if (view.ticket) stored.set("ticket", view.ticket);
  if (view.open.size) stored.set("open", [...view.open].join(","));
  if (view.limit !== PAGE_SIZE) stored.set("limit", view.limit);
  history.replaceState(null, "", `${location.pathname}${stored.size ? `#${stored}` : ""}`);
  refresh();
}

function restoreView() {
  const stored = new URLSearchParams(location.hash.slice(1));
  const isNumber = (text) => /^\d{1,15}$/.test(text ?? "");
  if (STATUSES.includes(stored.get("status"))) view.status = stored.get("status");
  if (isNumber(stored.get("ticket"))) view.ticket = stored.get("ticket");
  if (isNumber(stored.get("limit"))) {
    view.limit = Math.min(Number(stored.get("limit")), MOST_TICKETS);
  }
  const open = (stored.get("open") ?? "").split(",").filter(isNumber);
  view.open = new Set(open.slice(0, PAGE_SIZE).map(Number));
  $("find").value = view.ticket;
}

function findTicket() {
  const text = $("find").value.trim().replace(/^#/, "");
  const isId = /^(0*[1-9]\d*)?$/.test(text);
  $("find").setAttribute("aria-invalid", !isId);
  setText($("find-hint"), isId ? "" : "This is not an id: ids are numbers from 1.");
  const id = isId ? text.replace(/^0+/, "") : "";
  if (id === view.ticket) return;
  view.ticket = id;
  view.open = new Set(id ? [Number(id)] : []);
  for (const details of document.querySelectorAll(".ticket > details")) {
    details.open = view.open.has(Number(details.parentElement.dataset.key));
  }
  applyView();
}

$("find").addEventListener("input", findTicket);
$("find").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  $("find").value = "";
  findTicket();
});
$("filter").addEventListener("submit", (event) => event.preventDefault());
$("more-button").addEventListener("click", () => {
  view.limit = Math.min(view.limit + PAGE_SIZE, MOST_TICKETS);
  applyView();
});
$("pause").addEventListener("click", () => {
  paused = !paused;
  setText($("pause"), paused ? "Resume" : "Pause");
  if (paused) {
    schedule();
    showConnection("paused");
  } else refresh();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) schedule();
  else if (!paused) refresh();
});
setInterval(() => {
  if (!document.hidden && !paused) updateTimes();
}, PERIOD);

restoreView();
refresh();
