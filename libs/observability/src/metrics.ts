import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Every label a sample may carry. None can hold content, a person or a free text: add one only if that stays true. */
export type LabelName = 'deployment' | 'kind' | 'lane' | 'outcome';

type Name = `moyai_${string}`;

interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

// Seconds: from a local database round trip to a model's longest answer
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

/** The samples of one process. Asking for a name again gives the same counter, so that no one has to pass it around. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly refreshers: (() => Promise<void>)[] = [];
  private exposition: Promise<Exposition> | undefined;

  /** @param processSamples also CPU, memory, event-loop delay and garbage collection of this process */
  constructor(processSamples = false) {
    if (processSamples) collectDefaultMetrics({ register: this.registry, prefix: 'moyai_' });
  }

  counter<Label extends LabelName>(name: Name, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return this.once(name, () => new Counter({ name, help, labelNames, registers: [this.registry] }));
  }

  /** @param name ends in `_seconds` unless buckets of another unit are given */
  histogram<Label extends LabelName>(
    name: Name,
    help: string,
    labelNames: readonly Label[] = [],
    buckets: number[] = SECONDS,
  ): Histogram<Label> {
    return this.once(name, () => new Histogram({ name, help, labelNames, buckets, registers: [this.registry] }));
  }

  /** @param read called at each exposition, for values that are counted elsewhere */
  gauge<Label extends LabelName>(
    name: Name,
    help: string,
    labelNames: readonly Label[] = [],
    read?: () => number,
  ): Gauge<Label> {
    return this.once(name, () => {
      const collect = read && (() => gauge.set(read()));
      const gauge: Gauge<Label> = new Gauge({ name, help, labelNames, registers: [this.registry], collect });
      return gauge;
    });
  }

  /** Has samples that are kept elsewhere brought up to date before they are told. One that fails leaves the others standing. */
  beforeExposition(refresh: () => Promise<void>): void {
    this.refreshers.push(refresh);
  }

  /** The Prometheus text exposition; serve it on an internal listener only. Who asks while one is made gets the same. */
  expose(): Promise<Exposition> {
    this.exposition ??= this.compose().finally(() => (this.exposition = undefined));
    return this.exposition;
  }

  private async compose(): Promise<Exposition> {
    await Promise.allSettled(this.refreshers.map((refresh) => refresh()));
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private once<Metric>(name: string, make: () => Metric): Metric {
    return (this.registry.getSingleMetric(name) as Metric | undefined) ?? make();
  }
}
