// Numbers that tell how a process is doing, in Prometheus' text form. A registry is made by whoever serves it and handed to
// those who count; label values come from small sets, so the number of series stays bounded by what is served.
// Upstream: the exposition format of github.com/prometheus/common/expfmt.

export type MetricLabels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels: MetricLabels, amount?: number): void;
  /** One of its series, for whoever counts often: its labels are written out once. */
  series(labels: MetricLabels): { add(amount?: number): void };
}

export interface Gauge {
  set(labels: MetricLabels, value: number): void;
  add(labels: MetricLabels, amount: number): void;
  series(labels: MetricLabels): { add(amount: number): void };
}

export interface Histogram {
  observe(labels: MetricLabels, value: number): void;
  series(labels: MetricLabels): { observe(value: number): void };
}

interface HistogramSeries {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** A set of metrics by name. */
export class MetricRegistry {
  readonly #metrics: { readonly lines: () => readonly string[] }[] = [];

  /** Only goes up. */
  counter(name: string, help: string): Counter {
    const values = this.#scalar(name, help, "counter");
    return {
      add: (labels, amount = 1) => {
        addTo(values, formatLabels(labels), amount);
      },
      series: (labels) => {
        const series = formatLabels(labels);
        return {
          add: (amount = 1) => {
            addTo(values, series, amount);
          },
        };
      },
    };
  }

  /** Goes up and down. */
  gauge(name: string, help: string): Gauge {
    const values = this.#scalar(name, help, "gauge");
    return {
      set: (labels, value) => {
        values.set(formatLabels(labels), value);
      },
      add: (labels, amount) => {
        addTo(values, formatLabels(labels), amount);
      },
      series: (labels) => {
        const series = formatLabels(labels);
        return {
          add: (amount) => {
            addTo(values, series, amount);
          },
        };
      },
    };
  }

  /** A gauge that is read when it is asked for. */
  observedGauge(name: string, help: string, read: () => readonly (readonly [MetricLabels, number])[]): void {
    this.#observed(name, help, "gauge", read);
  }

  /** A counter that somebody else keeps, read when it is asked for. */
  observedCounter(name: string, help: string, read: () => readonly (readonly [MetricLabels, number])[]): void {
    this.#observed(name, help, "counter", read);
  }

  /** Counts values by size. `bounds`: upper bounds of the buckets, rising; one for everything else is added. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const values = new Map<string, HistogramSeries>();
    this.#metrics.push({
      lines: () => [
        ...headOf(name, help, "histogram"),
        ...[...values].flatMap(([labels, series]) => histogramLines(name, labels, bounds, series)),
      ],
    });
    const observe = (key: string, value: number): void => {
      let series = values.get(key);
      if (series === undefined) {
        series = { counts: bounds.map(() => 0), sum: 0, count: 0 };
        values.set(key, series);
      }
      const bucket = bounds.findIndex((bound) => value <= bound);
      if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sum += value;
      series.count++;
    };
    return {
      observe: (labels, value) => {
        observe(formatLabels(labels), value);
      },
      series: (labels) => {
        const key = formatLabels(labels);
        return {
          observe: (value) => {
            observe(key, value);
          },
        };
      },
    };
  }

  /** Everything, as the answer of `/metrics`. */
  render(): string {
    return `${this.#metrics.flatMap(({ lines }) => lines()).join("\n")}\n`;
  }

  #observed(
    name: string,
    help: string,
    type: "counter" | "gauge",
    read: () => readonly (readonly [MetricLabels, number])[],
  ): void {
    const lines = (): string[] => read().map(([labels, value]) => `${name}${braced(formatLabels(labels))} ${value}`);
    this.#metrics.push({ lines: () => [...headOf(name, help, type), ...lines()] });
  }

  #scalar(name: string, help: string, type: "counter" | "gauge"): Map<string, number> {
    const values = new Map<string, number>();
    this.#metrics.push({
      lines: () => [
        ...headOf(name, help, type),
        ...[...values].map(([labels, value]) => `${name}${braced(labels)} ${value}`),
      ],
    });
    return values;
  }
}

function addTo(values: Map<string, number>, series: string, amount: number): void {
  values.set(series, (values.get(series) ?? 0) + amount);
}

function headOf(name: string, help: string, type: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function histogramLines(
  name: string,
  labels: string,
  bounds: readonly number[],
  series: HistogramSeries,
): readonly string[] {
  const prefix = labels === "" ? "" : `${labels},`;
  let total = 0;
  const buckets = bounds.map((bound, index) => {
    total += series.counts[index] ?? 0;
    return `${name}_bucket{${prefix}le="${bound}"} ${total}`;
  });
  return [
    ...buckets,
    `${name}_bucket{${prefix}le="+Inf"} ${series.count}`,
    `${name}_sum${braced(labels)} ${series.sum}`,
    `${name}_count${braced(labels)} ${series.count}`,
  ];
}

function braced(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}

/** `a="1",b="2"` with backslashes, quotes and line ends escaped. */
function formatLabels(labels: MetricLabels): string {
  let text = "";
  for (const name of Object.keys(labels)) {
    const value = labels[name] ?? "";
    text += `${text === "" ? "" : ","}${name}="${/[\\"\n]/.test(value) ? escapeValue(value) : value}"`;
  }
  return text;
}

function escapeValue(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
