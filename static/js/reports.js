// Why: Plotly draws the charts whose data the server put beside them, in the colours of the reader's theme, and the
// page opens its tables when it is printed. Without this script every figure is still in the tables.

const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  scrollZoom: false,
  doubleClick: false,
  showTips: false,
};
const TICK_PX = 96; // a day's name and the space beside it
const PAPER_PX = 660; // what an A4 or Letter page leaves between its margins
const CHARACTER_PX = 8; // a figure's widest, with the space that keeps two numbers apart
const NARROW_PX = 480; // a chart on a phone
const LINE_PX = 17;
const SQUARE_PX = 14;
const NAME = 12; // characters of a name beside a lying bar on a phone
const AXIS_PX = 64; // what the axis and its numbers take of a chart's width

const probe = document.createElement("span");

/** The value that a role of the stylesheet has in this theme, as a plain colour. */
function colour(role) {
  probe.style.color = `var(--${role})`;
  return getComputedStyle(probe).color;
}

/** The numbers at upright bars as far as there is room: beside each other, else at the highest and the last alone. */
function labels(trace, width) {
  if (trace.type !== "bar" || trace.orientation === "h" || !Array.isArray(trace.text)) return trace.text;
  const room = (width - AXIS_PX) / trace.x.length;
  if (CHARACTER_PX * Math.max(...trace.text.map((words) => words.length)) <= room) return trace.text;
  const last = trace.text.length - 1;
  const heights = trace.y.map((value) => Math.abs(value ?? 0));
  const highest = heights.indexOf(Math.max(...heights));
  const apart = Math.abs(last - highest) * room > CHARACTER_PX * trace.text[highest].length;
  return trace.text.map((words, place) => (place === last || (place === highest && apart) ? words : ""));
}

/** A note in its colours: a square in the colour whose meaning the words tell, and the words in ink. */
function written(note, font, text, muted) {
  const { mark, ...words } = note;
  const own = ["mark", "muted"].includes(note.name) ? muted : text;
  const said = { ...words, font: { ...font, color: own } };
  if (!mark) return [said];
  const place = note.xshift ?? 0;
  const aside = note.xanchor === "right" ? -SQUARE_PX : SQUARE_PX;
  return [
    { ...said, text: "■", xshift: place, font: { ...font, color: colour(note.name) } },
    { ...said, xshift: place + aside },
  ];
}

/** Words in lines of at most so many characters. */
function wrapped(words, most) {
  const lines = [""];
  for (const word of words.split(" ")) {
    const last = lines.length - 1;
    if (lines[last] && lines[last].length + word.length >= most) lines.push(word);
    else lines[last] += (lines[last] && " ") + word;
  }
  return lines;
}

/** Names under a few upright bars, in as many lines as they need; nothing where a word does not fit its bar. */
function underneath(names, width) {
  const most = Math.floor((width - AXIS_PX) / names.length / CHARACTER_PX);
  const fit = names.every((name) => name.split(" ").every((word) => word.length <= most));
  return fit ? names.map((name) => wrapped(name, most + 1)) : null;
}

/** The same picture where there is little room: what stood beside it stands above it, one line each. */
function narrowed({ data, layout }, width) {
  const cramped = layout.yaxis?.autorange !== "reversed" && layout.margin.r > width / 3;
  if (width >= NARROW_PX && !cramped) return { data, layout };
  const most = Math.floor((width - 16) / CHARACTER_PX);
  const above = { xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", showarrow: false, align: "left" };
  const notes = layout.annotations ?? [];
  const told = [...notes.filter((note) => note.xref !== "paper"), ...notes.filter((note) => note.xref === "paper" && note.x === 1)];
  const placed = told.map((note, line) => ({ ...note, ...above, xshift: 0, yshift: 10 + LINE_PX * line, mark: true }));
  const unit = notes.find((note) => note.xref === "paper" && note.x === 0);
  const lines = unit ? wrapped(unit.text, most) : [];
  if (unit) placed.push({ ...unit, ...above, text: lines.join("<br>"), yshift: 10 + LINE_PX * told.length });
  const more = LINE_PX * (told.length + lines.length - 1);
  const lying = layout.yaxis?.autorange === "reversed";
  const short = data.map((trace) =>
    lying ? { ...trace, y: trace.y.map((name) => wrapped(name, NAME).join("<br>")), text: trace.text.map((words) => words.replace(", ", "<br>")) } : trace,
  );
  const longest = (all) => Math.max(...all.flatMap((words) => words.split("<br>").map((line) => line.length)));
  const names = lying ? null : underneath(data[0].x, width);
  const below = names ? LINE_PX * (Math.max(...names.map((lines) => lines.length)) - 1) : 0;
  const height = layout.height * (lying ? 1.4 : 1) + more + below;
  const named = names && { tickmode: "array", tickvals: data[0].x, ticktext: names.map((lines) => lines.join("<br>")) };
  const margin = { ...layout.margin, t: layout.margin.t + more, r: 16 };
  if (lying) {
    // By itself the axis makes room for its names only as long as much is left for the bars.
    margin.l = 8 + CHARACTER_PX * longest(short.flatMap((trace) => trace.y));
    margin.r += CHARACTER_PX * longest(short.flatMap((trace) => trace.text));
  }
  return {
    data: short,
    layout: {
      ...layout,
      height,
      xaxis: { ...layout.xaxis, ...(lying ? { nticks: 3 } : named) },
      yaxis: lying ? { ...layout.yaxis, automargin: false } : layout.yaxis,
      margin,
      annotations: placed,
    },
  };
}

function dressed({ data, layout }, width) {
  const text = colour("text");
  const muted = colour("muted");
  const line = colour("line");
  const surface = colour("surface");
  const font = { family: getComputedStyle(document.body).fontFamily, size: 13, color: muted };
  const axis = { color: muted, gridcolor: line, zerolinecolor: colour("field"), linecolor: line, tickfont: font };
  return {
    data: data.map((trace) => {
      const own = colour(trace.meta.role);
      return {
        ...trace,
        text: labels(trace, width),
        line: { ...trace.line, color: own },
        marker: {
          ...trace.marker,
          color: own,
          line: { ...trace.marker?.line, color: own },
          pattern: trace.marker?.pattern && { ...trace.marker.pattern, fgcolor: own, bgcolor: surface, size: 6 },
        },
        textfont: { ...font, color: text },
        hoverlabel: { bgcolor: colour("stale"), bordercolor: colour("stale"), font: { ...font, color: colour("stale-ink") } },
      };
    }),
    layout: {
      ...layout,
      font,
      paper_bgcolor: surface,
      plot_bgcolor: surface,
      xaxis: { ...axis, nticks: Math.max(2, Math.floor((width - AXIS_PX - layout.margin.r) / TICK_PX)), ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis, title: { ...layout.yaxis?.title, font } },
      shapes: (layout.shapes ?? []).map((band) => ({ opacity: 0.3, ...band, fillcolor: colour(band.name), line: { width: 0 } })),
      annotations: (layout.annotations ?? []).flatMap((note) => written(note, font, text, muted)),
    },
  };
}

const plots = [...document.querySelectorAll("[data-chart]")].map((place) => ({
  place,
  figure: JSON.parse(document.getElementById(place.dataset.chart).textContent),
}));

function draw(width) {
  for (const { place, figure } of plots) {
    const wide = width ?? place.clientWidth;
    const { data, layout } = dressed(narrowed(figure, wide), wide);
    window.Plotly.react(place, data, { ...layout, width: wide }, CONFIG);
  }
}

const plain = document.createElement("textarea");

/** The rows behind a mark: the link that its line of the table has in the mark's column, else in the first that has. */
function behind(place, figure, point) {
  const { x, y, orientation, mode, meta } = figure.data[point.curveNumber];
  plain.innerHTML = (orientation === "h" || mode === "markers+text" ? y : x)[point.pointNumber];
  const table = place.closest("section").querySelector("table");
  const line = [...(table?.tBodies[0].rows ?? [])].find((row) => row.cells[0].firstChild.textContent.trim() === plain.value);
  const heads = [...(table?.tHead.rows[0].cells ?? [])];
  const column = heads.findIndex((head) => head.dataset.column === meta.column);
  return (line?.cells[column] ?? line)?.querySelector("a")?.href;
}

function opening({ place, figure }) {
  place.on("plotly_click", ({ points: [point] }) => {
    const rows = behind(place, figure, point);
    if (rows) location.href = rows;
  });
}

function printing() {
  for (const one of document.querySelectorAll("details.more")) {
    one.dataset.wasOpen = one.open;
    one.open = true;
  }
  draw(PAPER_PX);
}

function printed() {
  for (const one of document.querySelectorAll("details.more")) one.open = one.dataset.wasOpen === "true";
  draw();
}

probe.hidden = true;
document.body.append(probe);
draw();
plots.forEach(opening);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
new MutationObserver(() => draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
addEventListener("resize", () => draw());
addEventListener("beforeprint", printing);
addEventListener("afterprint", printed);
