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

const probe = document.createElement("span");

/** The value that a role of the stylesheet has in this theme, as a plain colour. */
function colour(role) {
  probe.style.color = `var(--${role})`;
  return getComputedStyle(probe).color;
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
      xaxis: { ...axis, nticks: Math.max(2, Math.floor(width / TICK_PX)), ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis, title: { ...layout.yaxis?.title, font } },
      annotations: (layout.annotations ?? []).map((note) => ({ ...note, font: { ...font, color: ["mark", "muted"].includes(note.name) ? colour(note.name) : text } })),
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
    const { data, layout } = dressed(figure, wide);
    window.Plotly.react(place, data, { ...layout, width: wide }, CONFIG);
  }
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
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
new MutationObserver(() => draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
addEventListener("resize", () => draw());
addEventListener("beforeprint", printing);
addEventListener("afterprint", printed);
