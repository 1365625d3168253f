// The table of findings. All text is set as text, never as markup.
const told = JSON.parse(document.getElementById("data").textContent);
const [SLUG, SEVERITY, FIELD, VALUE, MESSAGE, HINT, RULE, CARC, MEANING, SOURCES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [ROW, LINE, CLAIM, CODE, PAYER, DAY, STATUS, FILE, FOUND] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const RANK = { error: 0, warning: 1, info: 2 };
const byId = (id) => document.getElementById(id);

const lineOf = ([line]) => told.lines[line];
const findingOf = ([line, at]) => told.findings[told.lines[line][FOUND][at][0]];

const escaped = (text) =>
  String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// --- dark and light ------------------------------------------------------------------------------
const darkness = window.matchMedia("screen and (prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark", darkness.matches);
darkness.addEventListener("change", follow);
follow();

// --- the columns ---------------------------------------------------------------------------------
const column = (read, className, more = {}) => ({
  data: null,
  className,
  render: (row, type) => (type === "display" ? escaped(read(row)) : read(row)),
  ...more,
});
const searched = new Map(); // the words of a finding that no column shows
const words = (finding) => {
  if (!searched.has(finding)) {
    const sources = finding[SOURCES].flat(2).join(" ");
    searched.set(finding, [finding[MESSAGE], finding[HINT], finding[RULE], sources].join(" "));
  }
  return searched.get(finding);
};
const columns = [
  {
    data: null,
    orderable: false,
    className: "short",
    render: (row, type) =>
      type === "display"
        ? `<button type="button" class="more" aria-expanded="false"><span aria-hidden="true">+</span><span class="hidden">Details of ${escaped(findingOf(row)[SLUG])}, row ${escaped(lineOf(row)[ROW])}</span></button>`
        : type === "filter" ? words(findingOf(row)) : "",
  },
  column((row) => lineOf(row)[ROW], "number", { type: "num" }),
  column((row) => lineOf(row)[CLAIM], "phone-less", { type: "string" }),
  column((row) => lineOf(row)[LINE], "wide", { type: "string" }),
  {
    data: null,
    className: "short",
    type: "string",
    render: (row, type) => {
      const severity = findingOf(row)[SEVERITY];
      if (type === "sort" || type === "type") return String(RANK[severity]);
      return type === "display" ? `<span class="severity ${severity}">${severity}</span>` : severity;
    },
  },
  column((row) => findingOf(row)[SLUG], ""),
  column((row) => lineOf(row)[CODE], "short phone-less", { type: "string" }),
  column((row) => findingOf(row)[VALUE], "wide", { type: "string" }),
  column((row) => lineOf(row)[PAYER], "wide", { type: "string" }),
  column((row) => lineOf(row)[DAY], "short wide", { type: "string" }),
];
const table = $("#table").DataTable({
  data: told.shown,
  columns,
  order: [[4, "asc"], [1, "asc"]],
  pageLength: 25,
  lengthMenu: [10, 25, 100, 500],
  autoWidth: false,
  deferRender: true,
  layout: { topStart: "pageLength", topEnd: "search", bottomStart: "info", bottomEnd: "paging" },
  language: {
    search: "Search",
    lengthMenu: "_MENU_ findings per page",
    info: "_START_ to _END_ of _TOTAL_ findings in the table",
    infoEmpty: "No finding fits",
    infoFiltered: "(filtered from _MAX_)",
    zeroRecords: "No finding fits the filters",
  },
});

// Narrow screens show fewer columns; the details have them all.
for (const [width, kind] of [["60rem", ".wide"], ["40rem", ".phone-less"]]) {
  const narrow = window.matchMedia(`screen and (max-width: ${width})`);
  const fit = () => table.columns(kind).visible(!narrow.matches);
  narrow.addEventListener("change", fit);
  fit();
}

// --- filters -------------------------------------------------------------------------------------
const form = byId("filters");
const choices = {
  severity: (row) => findingOf(row)[SEVERITY],
  finding: (row) => findingOf(row)[SLUG],
  code: (row) => lineOf(row)[CODE],
  payer: (row) => lineOf(row)[PAYER],
};
const ABSENT = "\u0000"; // the choice of lines that have none
for (const [name, read] of Object.entries(choices)) {
  const values = [...new Set(told.shown.map(read))].sort((one, other) =>
    name === "severity" ? RANK[one] - RANK[other] : one.localeCompare(other, "en"));
  for (const value of values) byId(`filter-${name}`).append(new Option(value || "none", value || ABSENT));
}
let chosen = {};
table.search.fixed("filters", (_text, row) => {
  for (const [name, value] of Object.entries(chosen.values ?? {})) {
    if ((choices[name](row) || ABSENT) !== value) return false;
  }
  const day = lineOf(row)[DAY];
  if (chosen.first && (!day || day < chosen.first)) return false;
  return !chosen.last || (day && day <= chosen.last);
});
const filtered = () => {
  const values = Object.keys(choices).map((name) => [name, byId(`filter-${name}`).value]);
  chosen = {
    values: Object.fromEntries(values.filter(([, value]) => value)),
    first: byId("filter-first").value,
    last: byId("filter-last").value,
  };
  table.draw();
};
form.addEventListener("input", filtered);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => {
  table.search("");
  setTimeout(filtered); // after the fields are empty
});
const choose = (id, value) => {
  const select = byId(id);
  if (![...select.options].some((option) => option.value === value)) {
    select.append(new Option(`${value} (none in the table)`, value));
  }
  select.value = value;
};
for (const button of document.querySelectorAll("button.filter")) {
  button.addEventListener("click", () => {
    const { name, value, first, last } = button.dataset;
    form.reset();
    if (name === "day") {
      byId("filter-first").value = first;
      byId("filter-last").value = last;
    } else {
      choose(`filter-${name}`, value || ABSENT);
    }
    byId("findings-heading").focus();
    byId("findings-heading").scrollIntoView();
  });
}

// --- details -------------------------------------------------------------------------------------
const made = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};
const facts = (pairs) => {
  const list = document.createElement("dl");
  for (const [label, text] of pairs) if (text !== "") list.append(made("dt", label), made("dd", String(text)));
  return list;
};
const sources = (finding) =>
  finding[SOURCES].map(([title, id, places]) =>
    made("li", `${title ? `${title} (${id})` : id}: ${places.join("; ")}`));
const onField = (finding, index) =>
  (index === null ? finding[FIELD] : `${finding[FIELD]}[${index}]`) + (finding[VALUE] ? ` ${finding[VALUE]}` : "");
const detail = (row) => {
  const line = lineOf(row);
  const finding = findingOf(row);
  const box = made("div");
  box.className = "detail";
  box.append(made("h3", finding[SLUG]), made("p", finding[MESSAGE]));
  box.append(facts([
    ["do", finding[HINT]],
    ["on", onField(finding, line[FOUND][row[1]][1])],
    ["rule", finding[RULE]],
    ["denial ahead", finding[CARC] && `CARC ${finding[CARC]}${finding[MEANING] ? ` - ${finding[MEANING]}` : ""}`],
  ]));
  if (finding[SOURCES].length) box.append(made("h3", "Sources"), made("ul", "", ...sources(finding)));
  box.append(made("h3", "The line"), facts([
    ["findings file", line[FILE]], ["row", line[ROW]], ["claim", line[CLAIM]], ["line", line[LINE]],
    ["procedure code", line[CODE]], ["payer", line[PAYER]], ["date of service", line[DAY]], ["status", line[STATUS]],
  ]));
  const others = line[FOUND].filter((_, at) => at !== row[1]).map(([number, index]) => {
    const other = told.findings[number];
    return made("li", `${other[SEVERITY]} ${other[SLUG]} on ${onField(other, index)}: ${other[MESSAGE]}`);
  });
  if (others.length) box.append(made("h3", "Other findings of the line"), made("ul", "", ...others));
  return box;
};
byId("table").addEventListener("click", (event) => {
  const button = event.target.closest("button.more");
  if (!button) return;
  const row = table.row(button.closest("tr"));
  const open = !row.child.isShown();
  if (open) row.child(detail(row.data())).show();
  else row.child.hide();
  button.setAttribute("aria-expanded", String(open));
  button.firstChild.textContent = open ? "−" : "+";
});
