// One row in, predictions and explanations out.
import { WORDS } from "./words.js";
import { element, showAnswer } from "./answer.js";

const MOST_CHOICES = 30; // categories in a list; of more, the field takes any text
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const page = (id) => document.getElementById(id);
const fields = new Map(); // by column: { column, input, file, show }
let model = null;
let language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
let last = null; // what was answered, to show it again in another language
const words = () => WORDS[language];

// -- words ---------------------------------------------------------------------------------

function speak() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = words()[node.dataset.word];
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  if (!model) return;
  document.title = words().title(model.name);
  page("name").textContent = model.name;
  page("about").textContent = words().about(model.tasks.map((task) => task.name).join(words().and));
  for (const field of fields.values()) field.speak();
  for (const label of page("explain").querySelectorAll("span")) label.textContent = words()[label.dataset.by];
  if (last) show();
  else page("answer").replaceChildren(element("p", { class: "empty" }, words().nothing));
}

// -- fields --------------------------------------------------------------------------------

function addField(column, number) {
  const id = `field-${number}`;
  const kind = element("span", { class: "kind" });
  const label = element("label", { for: id }, column.name, kind);
  const wrong = element("p", { class: "wrong", id: `${id}-wrong`, hidden: "" });
  const field = { column, wrong, file: null, speak: () => (kind.textContent = words().kinds[column.kind]) };
  const build = { image: imageField, text: textField, number: numberField, category: categoryField };
  const nodes = build[column.kind](field, id);
  field.input.setAttribute("aria-describedby", [field.input.getAttribute("aria-describedby"), wrong.id].filter(Boolean).join(" "));
  page("fields").append(element("div", { class: "field" }, label, ...nodes, wrong));
  fields.set(column.name, field);
}

function also(field, more) {
  const before = field.speak;
  field.speak = () => { before(); more(); };
}

function textField(field, id) {
  field.input = element("textarea", { id, rows: "3" });
  return [field.input];
}

function numberField(field, id) {
  field.input = element("input", { id, type: "text", inputmode: "decimal", autocomplete: "off" });
  const middle = field.column.middle;
  if (middle !== undefined) also(field, () => (field.input.placeholder = words().example(Number(middle.toPrecision(6)))));
  return [field.input];
}

function categoryField(field, id) {
  const categories = field.column.categories || [];
  if (categories.length > MOST_CHOICES || !categories.length) {
    field.input = element("input", { id, type: "text", list: `${id}-known`, autocomplete: "off" });
    return [field.input, element("datalist", { id: `${id}-known` }, ...categories.map((c) => element("option", { value: c })))];
  }
  const none = element("option", { value: "" });
  field.input = element("select", { id }, none, ...categories.map((c) => element("option", { value: c }, c)));
  also(field, () => (none.textContent = words().none));
  return [field.input];
}

function imageField(field, id) {
  const { width, height, resized } = field.column;
  const hint = element("p", { class: "quiet", id: `${id}-hint` });
  const name = element("p", {});
  const image = element("img", { alt: "", hidden: "" });
  const choose = element("button", { type: "button" });
  const remove = element("button", { type: "button", hidden: "" });
  field.input = element("input", { id, type: "file", accept: "image/*", "aria-describedby": hint.id });
  const drop = element("div", { class: "drop" }, image, element("div", {}, name, element("div", { class: "act" }, choose, remove)));
  choose.tabIndex = -1; // the file input itself is reached by keyboard
  choose.addEventListener("click", () => field.input.click());
  remove.addEventListener("click", () => { field.set(null); field.input.focus(); });
  field.input.addEventListener("change", () => { if (field.input.files.length) field.set(field.input.files[0]); });
  for (const event of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(event, (e) => {
      e.preventDefault();
      drop.classList.toggle("over", event === "dragover");
      if (event === "drop" && e.dataTransfer.files.length) field.set(e.dataTransfer.files[0]);
    });
  }
  const label = () => (name.textContent = field.file ? field.file.name : words().dropImage);
  field.set = async (file) => {
    if (field.url) URL.revokeObjectURL(field.url);
    field.file = file;
    field.url = file && URL.createObjectURL(file);
    field.input.value = "";
    image.hidden = remove.hidden = !file;
    complain(field, null);
    label();
    if (!file) return;
    image.src = field.url;
    const limit = model.limits.image_bytes;
    const isImage = await image.decode().then(() => true, () => false);
    if (field.file !== file) return; // another one was chosen meanwhile
    if (file.size > limit) complain(field, () => words().tooLarge((limit / 1e6).toFixed(0)));
    else if (!isImage) complain(field, () => words().noImage);
    image.hidden = !isImage;
  };
  also(field, () => {
    hint.textContent = (resized ? words().size : words().exactly)(width, height);
    choose.textContent = words().choose;
    remove.textContent = words().remove;
    label();
  });
  return [hint, field.input, drop];
}

// Show what is wrong with a field; null takes it away.
function complain(field, say) {
  field.say = say;
  field.wrong.hidden = !say;
  field.wrong.textContent = say ? say() : "";
  if (say) field.input.setAttribute("aria-invalid", "true");
  else field.input.removeAttribute("aria-invalid");
}

// Return the form of the row, or null after saying what is wrong.
function filled() {
  const form = new FormData();
  for (const field of fields.values()) {
    const { kind, name } = field.column;
    if (kind === "image") {
      if (field.file) form.append(name, field.file);
      continue;
    }
    const value = kind === "text" ? field.input.value : field.input.value.trim();
    complain(field, null);
    if (!value.trim()) continue;
    const most = model.limits.text_characters;
    if (kind === "number" && !NUMBER.test(value) && !["true", "false"].includes(value)) complain(field, () => words().noNumber);
    else if (kind !== "number" && value.length > most) complain(field, () => words().tooLong(most));
    form.append(name, value);
  }
  const wrong = [...fields.values()].find((field) => field.say);
  if (wrong) {
    wrong.input.focus();
    return null;
  }
  if ([...form.keys()].length) return form;
  showProblem({ say: () => words().empty });
  return null;
}

// -- asking and answering ------------------------------------------------------------------

async function ask(event) {
  event.preventDefault();
  const form = filled();
  if (!form) return;
  const by = [...page("explain").querySelectorAll("input:checked")].map((input) => `explain=${input.value}`);
  const button = page("row").querySelector("[type=submit]");
  button.disabled = true;
  page("problem").hidden = true;
  page("status").textContent = words().working;
  const start = performance.now();
  try {
    const response = await fetch(`v1/predict?${by.join("&")}`, { method: "POST", body: form });
    const content = await response.json();
    if (!response.ok) throw content.error;
    const images = new Map([...fields].filter(([, f]) => f.file).map(([name, f]) => [name, URL.createObjectURL(f.file)]));
    if (last && last.images) last.images.forEach((url) => URL.revokeObjectURL(url));
    last = { content, images, time: Math.round(performance.now() - start) };
    show();
    page("results").focus();
    if (matchMedia("(max-width: 48rem)").matches) page("results").scrollIntoView();
  } catch (error) {
    const { code, message, column } = error || {};
    const known = () => words().problems[code];
    if (code) showProblem({ say: () => known() || words().failed, detail: message });
    else showProblem({ say: () => words().offline });
    const field = fields.get(column);
    if (field) {
      complain(field, () => known() || words().failed);
      field.input.focus();
    }
  } finally {
    button.disabled = false;
  }
}

function show() {
  page("problem").hidden = true;
  if (last.problem) return showProblem(last.problem);
  page("status").textContent = words().done(last.time);
  const { predictions, explanations } = last.content;
  page("answer").replaceChildren(...showAnswer(model, predictions[0], (explanations || [{}])[0], last.images, words()));
}

function showProblem(problem) {
  last = { problem };
  page("status").textContent = "";
  page("answer").replaceChildren();
  page("problem").replaceChildren(element("p", {}, problem.say()), problem.detail ? element("small", {}, problem.detail) : "");
  page("problem").hidden = false;
}

function clear() {
  for (const field of fields.values()) {
    complain(field, null);
    if (field.set) field.set(null);
  }
  last = null;
  page("problem").hidden = true;
  page("status").textContent = "";
  setTimeout(speak); // after the fields have been emptied
}

async function begin() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => { language = button.dataset.language; speak(); for (const f of fields.values()) complain(f, f.say); });
  }
  speak();
  // a file that misses its field must not take the place of the page
  for (const event of ["dragover", "drop"]) addEventListener(event, (e) => e.preventDefault());
  page("row").addEventListener("submit", ask);
  page("row").addEventListener("reset", clear);
  try {
    const response = await fetch("v1/model");
    if (!response.ok) throw response;
    model = await response.json();
  } catch {
    return showProblem({ say: () => words().offline });
  }
  model.columns.forEach(addField);
  const names = { column: "byColumn", word: "byWord", region: "byRegion" };
  for (const by of model.explain) {
    const box = element("input", { type: "checkbox", value: by, checked: "" });
    page("explain").append(element("label", {}, box, element("span", { "data-by": names[by] })));
  }
  speak();
}

begin();
