// The pages' only script: language switch, sorting, filters, comparing two models, the question viewer.
// Text of models and files enters the page through textContent only.
"use strict";
const igaku = (() => {
  const waiting = new Map(), had = new Map();
  const root = document.documentElement;
  const nonce = document.currentScript.nonce;
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, text = "", name = "") => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    if (name) node.className = name;
    return node;
  };

  // ---- data: script files that call igaku.put, since a page opened from a disk may not fetch
  const put = (name, value) => { had.set(name, value); (waiting.get(name) || []).forEach(f => f(value)); waiting.delete(name); };
  const unpack = async (name, text) => {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    put(name, await new Response(unpacked).json());
  };
  const load = (file, name) => new Promise((done, failed) => {
    if (had.has(name)) return done(had.get(name));
    waiting.set(name, [...(waiting.get(name) || []), done]);
    const script = document.createElement("script");
    script.src = file; script.nonce = nonce; script.onerror = failed;
    document.head.append(script);
  });

  // ---- language
  const lang = () => root.dataset.lang;
  const words = () => had.get("words") || {};
  const word = (key, values = {}) => {
    const pair = words()[key];
    return pair ? pair[lang() === "ja" ? 0 : 1].replace(/\{(\w+)\}/g, (_, k) => values[k] ?? "") : key;
  };
  const whole = n => n.toLocaleString("en-US");
  const listeners = [];
  const speak = to => {
    root.dataset.lang = root.lang = to;
    all("[data-ja]").forEach(node => { node.textContent = node.dataset[to]; });
    try { localStorage.setItem("igaku-lang", to); } catch { /* a page without storage keeps the choice for itself */ }
    listeners.forEach(f => f());
  };
  const remembered = () => { try { return localStorage.getItem("igaku-lang"); } catch { return null; } };

  // ---- navigation: the page that is open stays in sight where the row is wider than the screen
  const showPage = () => { const here = $("nav [aria-current]"); if (here) here.parentNode.scrollLeft = here.offsetLeft - here.parentNode.offsetLeft - 32; };
  listeners.push(showPage);

  // ---- state that a link carries
  const keepState = values => {
    const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    Object.entries(values).forEach(([name, value]) => value ? state.set(name, value) : state.delete(name));
    const hash = String(state) ? "#" + state : location.pathname + location.search;
    try { history.replaceState(null, "", hash); } catch { location.hash = state; }
  };

  // ---- tables
  const number = cell => { const v = cell.dataset.sort; return v === undefined ? cell.textContent.trim() : v === "" ? null : Number(v); };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), lang());
  const sortable = table => all("thead th[data-sortable] button", table).forEach(button => button.addEventListener("click", () => {
    const th = button.closest("th"), at = [...th.parentNode.children].indexOf(th);
    const up = th.getAttribute("aria-sort") === "descending" || (!th.hasAttribute("aria-sort") && !th.classList.contains("num"));
    all("thead th", table).forEach(other => other.removeAttribute("aria-sort"));
    th.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0], rows = [...body.rows].map(row => [number(row.cells[at]), row]);
    rows.sort(([a], [b]) => a === null ? (b === null ? 0 : 1) : b === null ? -1 : (up ? 1 : -1) * compare(a, b));
    body.append(...rows.map(([, row]) => row));
  }));

  // ---- leaderboard filters: pressed words of one kind are alternatives, those of several kinds must all hold
  const filters = box => {
    const rows = all("#leaderboard tbody tr"), status = $("#rows-shown"), set = $("select", box);
    const apply = () => {
      const wanted = all("[data-filter]", box).map(g => [g.dataset.filter, all('[aria-pressed="true"]', g).map(b => b.value)]).filter(([, v]) => v.length);
      if (set?.value) wanted.push(["set", [set.value]]);
      rows.forEach(row => { row.hidden = wanted.some(([name, values]) => !values.includes(row.dataset[name])); });
      all("[data-bench]").forEach(node => { node.hidden = all("tbody tr", node).every(row => row.hidden); });
      status.textContent = word("board.shown", { n: whole(rows.filter(r => !r.hidden && !r.closest(".scope").hidden).length) });
    };
    const kept = new URLSearchParams(location.hash.slice(1)), groups = all("[data-filter]", box);
    groups.forEach(g => { const on = (kept.get(g.dataset.filter) || "").split(","); all("button", g).forEach(b => b.setAttribute("aria-pressed", on.includes(b.value))); });
    if (set && [...set.options].some(o => o.value === kept.get("set"))) set.value = kept.get("set");
    const keep = () => keepState({ set: set?.value, ...Object.fromEntries(groups.map(g => [g.dataset.filter, all('[aria-pressed="true"]', g).map(b => b.value).join(",")])) });
    all("button", box).forEach(b => b.addEventListener("click", () => { b.setAttribute("aria-pressed", b.getAttribute("aria-pressed") !== "true"); keep(); apply(); }));
    set?.addEventListener("change", () => { keep(); apply(); });
    document.addEventListener("scope", apply);
    listeners.push(apply);
  };

  // ---- a board over the questions without pictures, or over all
  const scopes = bench => {
    const boards = all(".scope", bench);
    if (new Set(boards.map(b => b.dataset.scope)).size < 2) return;
    const show = to => { boards.forEach(b => { b.hidden = b.dataset.scope !== to; }); document.dispatchEvent(new Event("scope")); };
    const name = bench.dataset.bench ? `scope-${bench.dataset.bench}` : "scope", asked = new URLSearchParams(location.hash.slice(1)).get(name);
    all("[data-to]", bench).forEach(button => button.addEventListener("click", () => {
      show(button.dataset.to);
      keepState({ [name]: button.dataset.to === boards[0].dataset.scope ? "" : button.dataset.to });
      $(`.scope[data-scope="${button.dataset.to}"] [aria-pressed="true"]`, bench).focus();
    }));
    show(boards.some(b => b.dataset.scope === asked) ? asked : boards[0].dataset.scope);
  };

  // ---- two models: a pair's numbers as one sentence, the same as the page's own (pages/pairwise.py)
  const BETTER = 0, OTHER = 1, ACCURACY = 2, OTHER_ACCURACY = 3, DIFFERENCE = 4, LOW = 5, HIGH = 6, N = 7, P = 8, SHOWN = 9, NEEDED = 10;
  const signed = x => (x < 0 ? "−" : "") + Math.abs(x).toFixed(1);
  const share = x => x.toFixed(1) + "%";
  const sentence = (row, names, corrected) => {
    const pairs = lang() === "ja" ? whole(corrected) : corrected === 1 ? "1 pair" : `${whole(corrected)} pairs`;
    const values = {
      a: names[row[BETTER]], b: names[row[OTHER]], x: share(row[ACCURACY]), y: share(row[OTHER_ACCURACY]), d: "+" + row[DIFFERENCE].toFixed(1),
      lo: signed(row[LOW]), hi: signed(row[HIGH]), n: whole(row[N]), p: row[P].startsWith("<") ? row[P] : `=\u00a0${row[P]}`, m: pairs,
    };
    const text = word(row[SHOWN] ? "board.better" : "board.unsure", values) + (lang() === "ja" ? "。" : ": ") + word("board.numbers", values);
    return row[NEEDED] ? text + (lang() === "ja" ? "" : " ") + word("board.needed", { n: whole(row[NEEDED]) }) : text;
  };
  const between = (board, i, j) => board.rows.find(r => (r[BETTER] === i && r[OTHER] === j) || (r[BETTER] === j && r[OTHER] === i));
  // what is loaded only for a form: when somebody comes near it
  const near = (node, act) => {
    let done = false;
    const once = () => { if (!done) { done = true; act(); } };
    node.addEventListener("focusin", once);
    new IntersectionObserver((seen, observer) => { if (seen.some(s => s.isIntersecting)) { observer.disconnect(); once(); } }, { rootMargin: "600px" }).observe(node);
  };

  const pairwise = form => {
    const { on, a, b } = form.elements, answer = $("#duel-answer");
    const asked = new URLSearchParams(location.hash.slice(1));
    if ([...on.options].some(o => o.value === asked.get("on"))) on.value = asked.get("on");
    const offer = (select, names) => {
      const previous = select.value || asked.get(select.name);
      const none = make("option", word("board.choose")); none.value = "";
      none.dataset.ja = words()["board.choose"][0]; none.dataset.en = words()["board.choose"][1];
      select.replaceChildren(none, ...names.map(name => { const o = make("option", name); o.value = name; return o; }));
      select.value = names.includes(previous) ? previous : "";
    };
    const answerPair = () => {
      const board = had.get("pairs-text-" + on.value);
      const row = a.value && b.value && between(board, board.names.indexOf(a.value), board.names.indexOf(b.value));
      answer.hidden = !a.value || !b.value;
      answer.className = "answer " + (row ? (row[SHOWN] ? "sure" : "unsure") : "");
      answer.textContent = a.value === b.value ? word("board.same") : row ? sentence(row, board.names, board.corrected) : word("board.none");
    };
    const choose = () => load(`data/pairs-text-${on.value}.js`, "pairs-text-" + on.value).then(board => {
      offer(a, board.names); offer(b, board.names); answerPair();
    }, () => { answer.hidden = false; answer.textContent = word("view.broken"); });
    on.addEventListener("change", choose);
    [on, a, b].forEach(s => s.addEventListener("change", () => keepState({ on: on.options.length > 1 ? on.value : "", a: a.value, b: b.value })));
    a.addEventListener("change", answerPair); b.addEventListener("change", answerPair);
    listeners.push(() => had.has("pairs-text-" + on.value) && answerPair());
    near(form, choose);
  };

  // ---- one model against all others of a large board
  const against = form => {
    const select = $("select", form), box = form.nextElementSibling, body = $("tbody", box);
    const cell = (text, sort, name) => { const td = make("td", text, name); if (sort !== undefined) td.dataset.sort = sort; return td; };
    const line = (row, me, board) => {
      const mine = row[BETTER] === me, sign = mine ? 1 : -1, tr = make("tr"), other = make("th", board.names[row[mine ? OTHER : BETTER]], "name");
      const ends = [sign * row[LOW], sign * row[HIGH]].sort((x, y) => x - y).map(signed).join(" – ");
      const by = cell((sign * row[DIFFERENCE] > 0 ? "+" : "") + signed(sign * row[DIFFERENCE]), sign * row[DIFFERENCE], "num");
      by.append(make("span", ends, "ci"));
      other.scope = "row";
      tr.append(other, by, cell(row[P], parseFloat(row[P].replace(/^<\s/, "0")), "num"), cell(word(row[SHOWN] ? "diff.shown" : "diff.unsure"), undefined, row[SHOWN] ? "sure" : ""));
      return tr;
    };
    const draw = async () => {
      box.hidden = !select.value;
      if (!select.value) return;
      let board;
      try { board = await load(`data/${form.dataset.pairs}.js`, form.dataset.pairs); } catch { select.after(word("view.broken")); return; }
      const me = board.names.indexOf(select.value);
      const rows = board.rows.filter(r => r[BETTER] === me || r[OTHER] === me);
      rows.sort((x, y) => (x[BETTER] + x[OTHER]) - (y[BETTER] + y[OTHER]));
      body.replaceChildren(...rows.map(row => line(row, me, board)));
    };
    const asked = new URLSearchParams(location.hash.slice(1)).get(select.name);
    if ([...select.options].some(o => o.value === asked)) select.value = asked;
    select.addEventListener("change", () => { keepState({ [select.name]: select.value }); draw(); });
    listeners.push(draw);
  };

  // ---- question viewer
  const ID = 0, YEAR = 1, SECTION = 2, CATEGORY = 3, MARKS = 4, STEM = 5, CHOICES = 6, KEY = 7, BAD = 8, CODES = 9, PAGE = 100, UNFOLDED = 3;
  const tests = {
    "": () => true,
    wrong: c => c === "w" || c === "x" || c === "p",
    right: c => c === "r",
    failed: c => "utfoej".includes(c),
    prohibited: c => c === "x",
  };
  const viewer = async box => {
    const slug = box.dataset.viewer, list = $(".list", box), detail = $(".detail", box), count = $("#found", box), more = $("#more", box);
    const { search, who, show, part, sort } = $("form", box).elements;
    let index;
    try { index = await load(`data/${slug}.js`, "index"); } catch { detail.textContent = word("view.broken"); return; }
    if (!index.unsteady) $('option[value="unsteady"]', show).remove();
    const texts = index.questions.map(q => [q[ID], q[STEM], ...q[CHOICES]].join("\n").normalize("NFKC").toLowerCase());
    // an option is one respondent, by its number; or a model with several prompt variants, by the numbers of all of them
    const full = index.respondents.map(r => r.filter(Boolean).join(" — "));
    const groups = new Map();
    index.respondents.forEach(([model], i) => groups.set(model, [...(groups.get(model) || []), i]));
    const offer = (text, ids) => { const o = make("option", text); o.dataset.name = text; o.value = ids.join(","); who.append(o); };
    // a setting of a model, and how it was asked, by their names in the language of the page
    const has = key => words()[key] ? word(key) : "";
    const model = name => { const found = /^(.+?) \(([^()]+)\)$/.exec(name), to = found && has("setting." + found[2]); return to ? (lang() === "ja" ? `${found[1]}（${to}）` : `${found[1]} (${to})`) : name; };
    const way = text => text.split(" ").map(w => has("prompt." + w) || has("order." + w) || has("method." + w) || w).join(" · ");
    const respondent = ([name, how]) => [model(name), how && way(how)].filter(Boolean).join(" — ");
    const retell = () => all("option[data-name]", who).forEach(o => { const ids = o.value.split(","); o.textContent = ids.length > 1 || o.dataset.name === index.respondents[ids[0]][0] ? model(index.respondents[ids[0]][0]) : respondent(index.respondents[ids[0]]); });
    groups.forEach((ids, model) => { if (ids.length > 1) offer(model, ids); ids.forEach(i => offer(full[i], [i])); });
    // parts of an exam: its blocks by the questions' numbers, sections, categories, years
    const named = (group, name) => { const own = `${group}.${name}@${box.dataset.family}`, plain = `${group}.${name}`; return words()[own] ? word(own) : words()[plain] ? word(plain) : name; };
    const tag = text => { const why = text.startsWith("void: ") ? text.slice(6) : ""; return why ? `${word("void.title")}: ${named("void", why)}` : named("tag", text); };
    const block = q => (/^(\d{1,4}[A-Z])-?\d+$/.exec(q[ID]) || [, ""])[1];
    const groupings = [["blocks", block], ["sections", q => q[SECTION]], ["categories", q => q[CATEGORY]], ["years", q => q[YEAR]]];
    const offerParts = () => {
      const previous = part.value;
      all("optgroup", part).forEach(node => node.remove());
      groupings.forEach(([key, of], at) => {
        const values = [...new Set(index.questions.map(of))].filter(Boolean);
        if (values.length < 2 || values.length > 80) return;
        const group = make("optgroup"); group.label = word("view." + key);
        values.forEach(v => { const o = make("option", at ? named("section", v) : v); o.value = `${at}:${v}`; group.append(o); });
        part.append(group);
      });
      part.value = previous;
    };
    const inPart = q => { const [at, ...value] = part.value.split(":"); return !part.value || groupings[at][1](q) === value.join(":"); };
    const doubtful = new Set(index.doubtful || []);
    const share = q => { const n = q[CODES].replace(/[-nvj]/g, "").length; return n ? (q[CODES].split("r").length - 1) / n : 2; };
    const chosen = () => who.value === "" ? null : who.value.split(",").map(Number);
    const sheet = $(".sheet", box), narrow = matchMedia("(max-width: 760px)"), empty = $("#empty", box);
    let hits = [], shown = 0, open = -1;
    const matches = (q, at) => {
      const codes = q[CODES], mine = chosen(), one = mine ? mine.map(i => codes[i]).join("") : codes;
      if (show.value === "none") return !codes.includes("r") && /[wxp]/.test(codes);
      if (show.value === "unsteady") return (mine || [...codes].map((_, i) => i)).some(i => index.unsteady[at][i] === "1");
      if (show.value === "doubtful") return doubtful.has(q[ID]);
      if (show.value === "disagree") return codes.includes("r") && /[wxp]/.test(codes) && (!mine || /[wxp]/.test(one));
      return [...one].some(tests[show.value]);
    };
    const label = (q, more = []) => [q[ID], several.year && q[YEAR], q[SECTION] && named("section", q[SECTION]), ...more, ...q[MARKS].map(tag), doubtful.has(q[ID]) && word("view.doubtful")].filter(Boolean);
    const several = { year: new Set(index.questions.map(q => q[YEAR])).size > 1 };
    const line = at => {
      const q = index.questions[at], li = make("li"), top = make("div", "", "id"), codes = q[CODES];
      const answered = codes.replace(/[-nvj]/g, "").length, right = codes.split("r").length - 1;
      li.setAttribute("role", "option"); li.id = "q" + at; li.dataset.at = at; li.setAttribute("aria-selected", at === open);
      top.append(make("span", label(q).join(" · ")), make("span", `${right}/${answered}`));
      li.append(top, make("div", q[STEM].slice(0, 300), "stem"));
      return li;
    };
    const grow = () => { list.append(...hits.slice(shown, shown + PAGE).map(line)); shown = Math.min(shown + PAGE, hits.length); more.hidden = shown >= hits.length; };
    const find = () => {
      const wanted = search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
      hits = [];
      index.questions.forEach((q, i) => { if (inPart(q) && wanted.every(w => texts[i].includes(w)) && matches(q, i)) hits.push(i); });
      if (sort.value) { const way = sort.value === "hard" ? 1 : -1; hits.sort((a, b) => way * (share(index.questions[a]) - share(index.questions[b])) || a - b); }
      shown = 0; list.replaceChildren(); list.scrollTop = 0; grow();
      empty.hidden = hits.length > 0; list.hidden = !hits.length;
      if (!hits.length) { open = -1; detail.replaceChildren(make("p", word("view.empty"), "hint")); }
      else if (open < 0 && !narrow.matches && "ready" in box.dataset) select(hits[0]);
      count.textContent = word("view.found", { n: whole(hits.length) });
      remember();
    };
    const remember = () => {
      const state = new URLSearchParams();
      if (open >= 0) state.set("q", index.questions[open][ID]);
      if (who.value) state.set("who", who.selectedOptions[0].dataset.name);
      [show, part, sort].forEach(s => { if (s.value) state.set(s.name, s.value); });
      try { history.replaceState(history.state, "", "#" + state); } catch { location.hash = state; }
    };
    // what is folded away is made when it is opened: 8 samples of 14 models are 112 thoughts
    const folded = (title, fill, open = false) => {
      const d = make("details"), once = () => { if (d.open && d.childElementCount < 2) d.append(fill()); };
      d.append(make("summary", title)); d.open = open; d.addEventListener("toggle", once); once();
      return d;
    };
    const fold = (title, text) => folded(title, () => make("div", text, "said"));
    const picture = (q, file, k) => {
      const values = { id: q[ID], k };
      if (!file) return make("p", word("view.no_picture", values), "hint");
      const img = make("img"); img.src = file; img.alt = word("view.picture", values); img.loading = "lazy";
      return img;
    };
    const chip = code => make("span", word("outcome." + code), "chip o-" + code);
    // several samples: how many agree, an answer each, and side by side what each of them wrote
    const agreement = (answers, n) => {
      const most = answers.filter(([, k]) => k === answers[0][1]).map(([a]) => a);
      if (!answers.length) return word("view.no_answer");
      return word(most.length > 1 ? "view.tied" : "view.agree", { a: most.join(word("view.or")), k: answers[0][1], n });
    };
    const signs = { r: "✓", w: "✗", x: "✗", p: "△" };
    const answer = ([code, given], k) => {
      const li = make("li", "", "o-" + code);
      li.title = `${k + 1}: ${word("outcome." + code)}`;
      li.append(make("span", given || "–", "given"), make("span", given && signs[code] ? ` ${signs[code]}` : ""), make("span", word("outcome." + code), "off"));
      return li;
    };
    const sample = ([code, , read, text, thinking], k) => {
      const li = make("li"), head = make("div");
      head.append(make("span", word("view.sample", { k: k + 1 }), "who"), " ", chip(code));
      li.append(head);
      if (read) li.append(make("div", `${word("view.read")}: ${byRule(read)}`));
      if (thinking) li.append(fold(word("view.thinking"), thinking));
      if (text) li.append(make("div", text, "said"));
      return li;
    };
    const listed = (name, items, title) => { const ol = make("ol", "", name); if (title) ol.setAttribute("aria-label", title); ol.append(...items); return ol; };
    const samples = ([answers, rows], unfolded) => {
      const right = rows.filter(r => r[0] === "r").length, n = rows.length;
      const parts = [make("div", `${word("view.samples_right", { k: right, n })} · ${agreement(answers, n)}`), listed("given", rows.map(answer), word("view.samples", { n }))];
      if (rows.some(r => r[3] || r[4])) parts.push(folded(word("view.samples", { n }), () => listed("samples", rows.map(sample)), unfolded));
      return parts;
    };
    // a conversation: who speaks, in order; a reply that was graded has its verdict, and that to this question stands out
    const speaker = who => words()["speaker." + who] ? word("speaker." + who) : who;
    const turn = ([who, text, code], texts) => {
      const li = make("li", "", "turn by-" + (who === "user" || who === "system" ? who : "assistant")), head = make("div", "", "speaker");
      head.append(make("span", speaker(who)));
      if (code && code !== "-") head.append(" ", chip(code));
      li.append(head, make("div", texts[text], "said"));
      return li;
    };
    const graded = (text, code) => {
      const li = make("li", "", "turn by-assistant graded"), head = make("div", "", "speaker");
      head.append(make("span", speaker("assistant")), " ", make("span", word("view.graded"), "chip good"), " ", chip(code));
      li.append(head, make("div", text, "said"));
      return li;
    };
    const thread = (q, ids) => {
      const nav = make("p", "", "thread"), at = ids.indexOf(q[ID]);
      nav.append(make("span", word("view.turn", { k: at + 1, n: ids.length })));
      ids.forEach((id, k) => {
        const b = make("button", k + 1), to = index.questions.findIndex(other => other[ID] === id);
        b.type = "button"; b.title = id; b.setAttribute("aria-label", word("view.turn", { k: k + 1, n: ids.length }));
        if (k === at) b.setAttribute("aria-current", "true");
        b.addEventListener("click", async () => { await select(to); $(".thread [aria-current]", detail)?.focus(); });
        nav.append(" ", b);
      });
      return nav;
    };
    const byRule = text => text.replace(/ \(([^()]+)\)$/, (all, rule) => has("rule." + rule) ? (lang() === "ja" ? `（${has("rule." + rule)}）` : ` (${has("rule." + rule)})`) : all);
    const reply = (q, asked, code, row, { prompts: texts, several, talk, script, unfolded }) => {
      const one = make("div", "", "one"), head = make("div");
      head.append(make("span", model(asked[0]), "who"), " ", make("span", asked[1] && way(asked[1]), "way"), " ", ...(several ? [] : [chip(code)]));
      one.append(head);
      if (!row) return one;
      const [read, text, numbers, order, prompt, thinking] = row;
      if (several) one.append(...samples(several, unfolded));
      else if (read && !text && !thinking) head.append(" ", make("span", byRule(read), "read"));
      else if (read) one.append(make("div", `${word("view.read")}: ${byRule(read)}`));
      if (talk) one.append(folded(word("view.before", { n: talk.length }), () => listed("talk", talk.map(t => turn(t, texts))), unfolded));
      if (thinking) one.append(fold(word("view.thinking"), thinking));
      if (text) one.append(talk || script ? listed("talk", [graded(text, code)]) : make("div", text, "said"));
      if (numbers) one.append(make("div", `${word("view.logp")}: ${numbers}`, "hint"));
      if (order) one.append(make("div", `${word("view.shuffled")}: ${order}`, "hint"));
      if (prompt >= 0) one.append(fold(word("view.prompt"), texts[prompt]));
      return one;
    };
    // on a phone a question covers the page, as a step of the browser's history: Back and Escape lead to the list
    const others = [$("header.top"), $("footer"), $(".skip"), ...all("main > :not([data-viewer])"), $("form", box), list.parentNode];
    const cover = on => {
      sheet.classList.toggle("up", on); root.classList.toggle("covered", on);
      others.forEach(node => { if (node) node.inert = on; });
      if (on) { sheet.setAttribute("role", "dialog"); sheet.setAttribute("aria-modal", "true"); sheet.setAttribute("aria-label", word("view.title")); }
      else ["role", "aria-modal", "aria-label"].forEach(name => sheet.removeAttribute(name));
    };
    const raise = () => {
      if (!narrow.matches || sheet.classList.contains("up")) return;
      try { history.pushState({ sheet: true }, "", location.href); } catch { /* the button still leads back */ }
      cover(true); sheet.scrollTop = 0; $("#back", box).focus();
    };
    const lower = () => {
      if (!sheet.classList.contains("up")) return;
      cover(false);
      const li = $("#q" + open); list.focus({ preventScroll: true }); li?.scrollIntoView({ block: "nearest" });
    };
    const leave = () => { if (history.state?.sheet) history.back(); else lower(); };
    $("#back", box).addEventListener("click", leave);
    addEventListener("popstate", () => { if (!history.state?.sheet) lower(); });
    narrow.addEventListener("change", () => { if (!narrow.matches && sheet.classList.contains("up")) leave(); });
    document.addEventListener("keydown", e => { if (e.key === "Escape" && sheet.classList.contains("up")) leave(); });
    const select = async at => {
      open = at;
      all("li", list).forEach(li => li.setAttribute("aria-selected", Number(li.dataset.at) === at));
      list.setAttribute("aria-activedescendant", "q" + at);
      $("#q" + at)?.scrollIntoView({ block: "nearest" });
      const q = index.questions[at], k = Math.floor(at / index.chunk);
      let chunk;
      try { chunk = await load(`data/${slug}-${k}.js`, "chunk" + k); } catch { detail.textContent = word("view.broken"); return; }
      if (open !== at) return;
      const { more: contexts, replies, pictures, samples: several, thread: ids, script, talks } = chunk.questions[q[ID]];
      const head = make("h2", label(q, [q[CATEGORY] && named("section", q[CATEGORY])]).join(" · "));
      const stem = script ? listed("talk", script.map(t => turn(t, chunk.prompts))) : make("p", q[STEM], "stem"), choices = make("ol"), right = new Set(q[KEY].split(/[ /]+/));
      choices.dataset.letters = "";
      q[CHOICES].forEach((c, i) => {
        const letter = String.fromCharCode(97 + i), li = make("li", c, right.has(letter) ? "key" : "");
        if (q[BAD].includes(letter)) li.append(" ", make("span", word("view.bad"), "chip bad"));
        choices.append(li);
      });
      const key = make("p", `${word("view.key")}: ${q[KEY]}`);
      const mine = new Set(chosen() || []);
      const order = index.respondents.map((_, i) => i).filter(i => q[CODES][i] !== "-" || mine.has(i));
      order.sort((a, b) => mine.has(b) - mine.has(a) || a - b);
      const asked = make("div", "", "asked"), given = make("div", "", "replies");
      const unfolded = i => mine.size ? mine.has(i) : order.length <= UNFOLDED;
      asked.append(head, ...(ids ? [thread(q, ids)] : []), ...contexts.map(t => fold(word("view.context"), t)), stem, ...pictures.map((file, k) => picture(q, file, k + 1)), choices, key);
      given.append(...order.map(i => reply(q, index.respondents[i], q[CODES][i], replies[i], { prompts: chunk.prompts, several: several?.[i], talk: talks?.[i], script, unfolded: unfolded(i) })));
      detail.classList.toggle("whole", Boolean(several || talks));
      detail.replaceChildren(asked, given);
      remember();
    };
    const step = by => {
      const at = hits.indexOf(open), to = Math.min(hits.length - 1, Math.max(0, at < 0 ? 0 : at + by));
      if (!hits.length) return;
      while (to >= shown) grow();
      select(hits[to]);
    };
    list.addEventListener("click", e => { const li = e.target.closest("li"); if (li) { select(Number(li.dataset.at)); raise(); } });
    list.addEventListener("keydown", e => {
      if (e.key === "ArrowDown" || e.key === "j") step(1);
      else if (e.key === "ArrowUp" || e.key === "k") step(-1);
      else if (e.key === "Enter" || e.key === " ") { if (open < 0) step(0); else { select(open); if (narrow.matches) raise(); else detail.focus(); } }
      else return;
      e.preventDefault();
    });
    document.addEventListener("keydown", e => { if (e.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) { e.preventDefault(); search.focus(); } });
    let later;
    search.addEventListener("input", () => { clearTimeout(later); later = setTimeout(find, 60); });
    who.addEventListener("change", () => { find(); if (open >= 0) select(open); });
    [show, part, sort].forEach(s => s.addEventListener("change", find));
    more.addEventListener("click", grow);
    $("#clear", box).addEventListener("click", () => { search.value = ""; [who, show, part, sort].forEach(s => { s.value = ""; }); find(); search.focus(); });
    $("form", box).addEventListener("submit", e => e.preventDefault());
    listeners.push(() => { retell(); offerParts(); find(); if (open >= 0) select(open); });
    const state = new URLSearchParams(location.hash.slice(1));
    const wanted = [...who.options].find(o => o.value && o.dataset.name === state.get("who"));
    if (wanted) who.value = wanted.value;
    retell();
    offerParts();
    [show, part, sort].forEach(s => { if ([...s.options].some(o => o.value === state.get(s.name))) s.value = state.get(s.name); });
    const first = index.questions.findIndex(q => q[ID] === state.get("q"));
    find();
    if (first >= 0) { select(first); raise(); } else if (hits.length && !narrow.matches) select(hits[0]);
    box.dataset.ready = "";
  };

  // ---- numbers of a picture's marks
  const tips = () => {
    const tip = make("div"); tip.id = "tip"; tip.hidden = true; tip.setAttribute("aria-hidden", "true"); document.body.append(tip);
    all("figure").forEach(figure => {
      figure.addEventListener("pointermove", e => {
        const mark = e.target.closest('[role="graphics-symbol"][aria-label]');
        tip.hidden = !mark;
        if (mark) { tip.textContent = mark.getAttribute("aria-label"); tip.style.left = `${Math.min(e.clientX + 14, innerWidth - 200)}px`; tip.style.top = `${e.clientY + 14}px`; }
      });
      figure.addEventListener("pointerleave", () => { tip.hidden = true; });
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    all("table").forEach(sortable);
    all("[data-bench], main").forEach(node => { if (!$("[data-bench]", node)) scopes(node); });
    tips();
    const filter = $("#filters"), pair = $("#duel"), box = $("[data-viewer]");
    if (filter) filters(filter);
    if (pair) pairwise(pair);
    all("form.against").forEach(against);
    if (box) viewer(box);
    $("#switch").addEventListener("click", () => speak(lang() === "ja" ? "en" : "ja"));
    speak(remembered() || (navigator.language.startsWith("ja") ? "ja" : "en"));
  });
  return { put, unpack };
})();
