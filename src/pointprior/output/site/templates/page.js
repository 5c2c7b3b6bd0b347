// Which part of the page is shown, tables that sort, terms that are explained, and when a viewer begins and ends.
"use strict";

const articles = [...document.querySelectorAll("main > article")];
const terms = JSON.parse(document.getElementById("terms-by-name").textContent);
const colours = JSON.parse(document.getElementById("colours").textContent);
const loaded = {};  // libraries, each once
let viewer = null;

// ---- one article at a time

function chosen() {
  const id = decodeURIComponent(location.hash.slice(1));
  return articles.find(article => article.id === id) ?? articles[0];
}

function show(moved) {
  const article = chosen();
  for (const other of articles) other.hidden = other !== article;
  document.title = `${article.dataset.title} · pointprior`;
  document.getElementById("jump").value = article.dataset.place;
  if (moved) {
    scrollTo(0, 0);
    const heading = article.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({preventScroll: true});
  }
  viewer?.end();
  viewer = null;
  sortable(article);
  const section = article.querySelector("[data-viewer]");
  if (section) view(section, article);
}

// ---- tables

async function tables() {
  loaded.tables ??= (async () => {
    const style = document.createElement("style");
    style.textContent = await library("tables-style");
    document.head.prepend(style);  // the page's own rules win
    const code = await library("tables");
    return (await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`)).default;
  })();
  return loaded.tables;
}

async function sortable(article) {
  const waiting = [...article.querySelectorAll("table.sortable:not(.dataTable)")];
  if (!waiting.length) return;
  const DataTable = await tables();
  for (const table of waiting) {
    if (table.classList.contains("dataTable")) continue;
    const those = mark => [...table.tHead.rows[0].cells].flatMap((cell, i) => mark in cell.dataset ? [i] : []);
    const large = table.tBodies[0].rows.length > 12;
    const made = new DataTable(table, {
      paging: false, info: false, searching: table.id === "leaderboard" || large, order: [], autoWidth: false,
      layout: {topStart: null, topEnd: table.id !== "leaderboard" && large ? "search" : null, bottomStart: null, bottomEnd: null},
      columnDefs: [{targets: those("unsorted"), orderable: false}, {targets: those("hidden"), visible: false}], language: {search: "Search", zeroRecords: "Nothing matches."},
    });
    if (table.id === "leaderboard") filters(made);
  }
  article.dataset.sortable = "yes";
}

function filters(table) {
  for (const select of document.querySelectorAll(".filters select")) {
    select.onchange = () => {
      const {value} = select;
      table.column(Number(select.dataset.column)).search(value && (cell => cell === value)).draw();
    };
  }
}

// ---- models

function hasWebGL() {  // asked once, for a browser allows few contexts
  loaded.webgl ??= (() => {
    const context = document.createElement("canvas").getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(context);
  })();
  return loaded.webgl;
}

async function view(section, article) {
  const note = section.querySelector(".note");
  try {
    if (!hasWebGL()) throw new Error("this browser has no WebGL");
    loaded.viewer ??= (async () => {
      const code = await library("viewer");
      let made = null;
      window.define = (name, needs, factory) => { made = factory(); };  // K3D's file is a module of that kind
      const script = document.createElement("script");
      script.textContent = code;
      document.head.append(script);
      delete window.define;
      return made;
    })();
    const [lib, scene] = await Promise.all([loaded.viewer, sceneOf(section.dataset.viewer)]);
    if (chosen() !== article) return;
    viewer?.end();
    viewer = new Viewer(section, scene, lib, colours);
    await viewer.start();
  } catch (problem) {
    section.querySelector(".canvas").hidden = true;
    section.querySelector(".still").hidden = false;
    note.textContent = `A still picture: ${problem.message}.`;
    section.dataset.drawn = "no";
  }
}

document.addEventListener("click", async event => {
  const row = event.target.closest("[data-show]")?.closest("tr");
  if (!row || !viewer) return;
  await viewer.choose(row.dataset.method, Number(row.dataset.sample));
  viewer.section.scrollIntoView({behavior: "smooth", block: "nearest"});
});

document.addEventListener("chosen", event => {
  for (const row of event.target.closest("article").querySelectorAll("tr[data-method]")) {
    const {method, sample} = event.detail;
    row.classList.toggle("current", row.dataset.method === method && (sample === null || Number(row.dataset.sample) === sample));
  }
});

// ---- terms, and what points of plots are

const tip = document.getElementById("tip");

function explain(element, text) {
  tip.textContent = text;
  tip.hidden = false;
  const box = element.getBoundingClientRect(), room = document.documentElement.clientWidth;
  tip.style.left = `${Math.max(8, Math.min(box.left, room - tip.offsetWidth - 8))}px`;
  tip.style.top = `${box.bottom + 6 + tip.offsetHeight > innerHeight ? box.top - tip.offsetHeight - 6 : box.bottom + 6}px`;
  element.setAttribute("aria-describedby", "tip");
}

function explained(element) {
  const name = element.closest?.("[data-term]")?.dataset.term;
  if (name) return terms[name];
  const link = element.closest?.(".plot a");
  return link ? document.getElementById(decodeURIComponent(link.getAttribute("xlink:href").slice(1)))?.dataset.title : null;
}

for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, event => {
    const text = explained(event.target);
    if (text) explain(event.target.closest("[data-term], .plot a"), text); else tip.hidden = true;
  });
}
document.addEventListener("keydown", event => { if (event.key === "Escape") tip.hidden = true; });
document.addEventListener("scroll", () => { tip.hidden = true; }, {passive: true});
for (const link of document.querySelectorAll(".plot a")) link.setAttribute("aria-label", explained(link) ?? "");

document.getElementById("jump").onchange = event => { location.hash = event.target.value; };
addEventListener("hashchange", () => show(true));
show(false);
