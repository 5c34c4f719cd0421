import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import type { Sample } from "../soak/sample.js";
import type { Point } from "../harness/result.js";

/** What it costs to find who may see a device, against the number of containers. */
export function plotRoute(points: readonly Point[]): string {
  const top = 1.1 * Math.max(...points.map(({ y }) => y));
  const most = Math.max(...points.map(({ x }) => x));
  return draw(points, (point) => point.x === most, {
    x: { type: "log", label: "containers, ten rules each", tickFormat: ",d", ticks: 4 },
    y: { label: "ns to find who may see a device", grid: true, domain: [0, top] },
    marks: [Plot.dot(points, { x: "x", y: "y", fill: "series" })],
  });
}

/** Which share of the datagrams arrived within which time. */
export function plotLatency(points: readonly Point[]): string {
  return draw(points, (point) => point.y === 0.75, {
    x: {
      type: "log",
      label: "µs from the kernel to the listener",
      grid: true,
      domain: [10, 10_000],
      tickFormat: ",d",
      ticks: 3,
    },
    y: { label: "share of the datagrams that arrived", tickFormat: "%", grid: true },
  });
}

/** What a relay holds, against the events that it has heard. */
export function plotSoak(samples: readonly Sample[]): string {
  const points = samples.flatMap(({ events, rss, heap }) => [
    { series: "memory", x: events / 1e6, y: rss / 2 ** 20 },
    { series: "JavaScript's", x: events / 1e6, y: heap / 2 ** 20 },
  ]);
  const most = Math.max(...points.map(({ x }) => x));
  const top = 1.1 * Math.max(...points.map(({ y }) => y));
  return draw(points, (point) => point.x === most, {
    x: { label: "million events" },
    y: { label: "MiB", grid: true, domain: [0, top] },
  });
}

/** What of the DOM is needed: its types are a browser's. */
interface Svg {
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
}

function draw(points: readonly Point[], isNamed: (point: Point) => boolean, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html></html>") as { readonly document: never }; // its types too are a browser's
  const name = { x: "x", y: "y", text: "series", fill: "series", textAnchor: "start", dx: 8, dy: 4 } as const;
  const svg = Plot.plot({
    document,
    width: 760,
    height: 420,
    marginLeft: 60,
    marginRight: 110,
    marginBottom: 50,
    style: { background: "white", color: "black", fontFamily: "sans-serif", fontSize: "13px" },
    ...options,
    marks: [
      ...(options.marks ?? []),
      Plot.line(points, { x: "x", y: "y", stroke: "series", strokeWidth: 2, clip: true }),
      Plot.text(points.filter(isNamed), name),
    ],
  }) as unknown as Svg;
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}
