// Predictions and explanations as parts of the page.
const MOST_BARS = 6;
const LEAST = 0.01; // of the largest contribution of a column: words and regions below say nothing
const SVG = "http://www.w3.org/2000/svg";

// Make an element; texts are never taken for HTML.
export function element(name, attributes = {}, ...children) {
  const isDrawing = ["svg", "rect", "line", "title"].includes(name);
  const node = isDrawing ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== ""));
  return node;
}

const short = (x) => (Math.abs(x) >= 1e6 || (x && Math.abs(x) < 1e-3) ? x.toExponential(2) : Number(x.toFixed(3)).toString());
const percent = (share) => `${(100 * share).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1)} %`;
const signed = (x) => `${x > 0 ? "+" : ""}${short(x)}`;

export function showAnswer(model, predictions, explanations, images, words) {
  return model.tasks.map((task, place) => {
    const found = predictions[task.name];
    const head = element("header", {}, element("h3", {}, task.name), prediction(task, found.prediction, words));
    const parts = [head];
    if (found.probabilities) parts.push(...shares(found.probabilities, words));
    if (found.quantiles) {
      const rows = Object.entries(found.quantiles).map(([name, value]) => `${percent(Number(name))}: ${short(value)}`);
      parts.push(element("p", { class: "quiet" }, rows.join(" · ")));
    }
    parts.push(...reasons(task, explanations, images, words, place === 0));
    return element("section", { class: "task" }, ...parts);
  });
}

function prediction(task, value, words) {
  if (!Array.isArray(value)) return element("span", { class: "prediction" }, typeof value === "number" && task.kind === "number" ? short(value) : String(value));
  if (!value.length) return element("span", { class: "quiet" }, words.noTags);
  return element("span", {}, ...value.map((tag) => element("span", { class: "tag" }, String(tag))));
}

// -- probabilities -------------------------------------------------------------------------

function shares(probabilities, words) {
  const sorted = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  const bars = sorted.map(([label, share], place) => {
    const bar = element("svg", { class: "track", width: "100%", height: "100%", "aria-hidden": "true" }, element("rect", { width: `${100 * share}%`, height: "100%" }));
    return line(label, bar, percent(share), place === 0 ? "best" : "");
  });
  const list = element("ul", { class: "bars" }, ...bars.slice(0, MOST_BARS));
  if (bars.length <= MOST_BARS) return [list];
  const rest = element("ul", { class: "bars" }, ...bars.slice(MOST_BARS));
  return [list, element("details", {}, element("summary", {}, words.more(bars.length - MOST_BARS)), rest)];
}

function line(label, bar, number, style) {
  return element("li", { class: style }, element("span", { class: "label" }, label), bar, element("span", { class: "number" }, number));
}

// -- reasons -------------------------------------------------------------------------------

function reasons(task, explanations, images, words, isOpen) {
  const of = (by) => (explanations[by] || []).filter((part) => part.task === task.name);
  const [columns, texts, regions] = [of("column"), of("word"), of("region")];
  if (!columns.length && !texts.length && !regions.length) return [];
  const parts = [key(words)];
  if (columns.length) parts.push(element("h4", {}, words.columns), columnBars(columns, words));
  const least = columns.length ? LEAST * largest(columns) : 0;
  for (const [column, group] of grouped(texts)) {
    parts.push(element("h4", {}, words.words(column)), largest(group) > least ? shaded(group) : nothing(words));
  }
  for (const [column, group] of grouped(regions)) {
    if (!images.has(column)) continue;
    const shown = largest(group) > least ? overlay(group, images.get(column)) : nothing(words);
    parts.push(element("h4", {}, words.regions(column)), shown);
  }
  const [{ label }] = [...columns, ...texts, ...regions];
  const title = task.kind === "number" || label === null ? words.whyNumber : words.why(label);
  return [element("details", isOpen ? { class: "why", open: "" } : { class: "why" }, element("summary", {}, title), ...parts)];
}

const nothing = (words) => element("p", { class: "quiet" }, words.nearlyNothing);

function key(words) {
  return element("p", { class: "key" }, element("span", {}, words.speaksFor), element("span", { class: "against" }, words.speaksAgainst));
}

function grouped(parts) {
  const groups = new Map();
  for (const part of parts) groups.set(part.column, [...(groups.get(part.column) || []), part]);
  return groups;
}

const largest = (parts) => Math.max(1e-9, ...parts.filter((part) => part.position !== -1).map((part) => Math.abs(part.contribution)));

function columnBars(parts, words) {
  const most = largest(parts);
  const sorted = [...parts].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const bars = sorted.map(({ column, contribution }) => {
    const size = (48 * Math.abs(contribution)) / most;
    const rect = element("rect", { x: `${contribution < 0 ? 50 - size : 50}%`, width: `${size}%`, height: "100%", class: contribution < 0 ? "against" : "for" });
    const middle = element("line", { x1: "50%", x2: "50%", y1: "0", y2: "100%" });
    const bar = element("svg", { class: "both", "aria-hidden": "true" }, rect, middle);
    return line(column === "(start)" ? words.start : column, bar, signed(contribution), "");
  });
  return element("ul", { class: "bars" }, ...bars);
}

// Words are shaded by what they contribute; the number is in the title and for screen readers.
function shaded(parts) {
  const most = largest(parts);
  const marks = parts.filter((part) => part.position >= 0).map((part) => {
    const mark = element("mark", { title: signed(part.contribution) }, part.word);
    const share = Math.round((100 * Math.abs(part.contribution)) / most);
    const colour = part.contribution < 0 ? "--against" : "--for";
    mark.style.background = `color-mix(in srgb, var(${colour}) ${Math.round(share * 0.45)}%, transparent)`;
    mark.style.borderBottomColor = share > 10 ? `var(${colour})` : "transparent";
    return mark;
  });
  return element("p", { class: "words" }, ...marks);
}

function overlay(parts, url) {
  const most = largest(parts);
  const boxes = parts.map((part) => {
    const [x, y] = [100 * part.left, 100 * part.top];
    const size = { x: `${x}%`, y: `${y}%`, width: `${100 * part.right - x}%`, height: `${100 * part.bottom - y}%` };
    const opacity = ((0.75 * Math.abs(part.contribution)) / most).toFixed(3);
    return element("rect", { ...size, class: part.contribution < 0 ? "against" : "for", "fill-opacity": opacity }, element("title", {}, signed(part.contribution)));
  });
  return element("div", { class: "regions" }, element("img", { src: url, alt: "" }), element("svg", { "aria-hidden": "true" }, ...boxes));
}
