import { arch, cpus, platform, totalmem } from 'node:os';
import type { BenchRow, ReportRow } from './bench-row.ts';

const median = (samples: readonly number[]): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}`;

/** Samples a row and its baseline alternately, so that a change of the machine's mood meets both. */
export const measureRow = async (
  row: BenchRow,
  sampleCount: number,
  progress: (line: string) => void,
): Promise<ReportRow> => {
  progress(`${row.name}: preparing`);
  const measured = await row.prepare();
  const samples: number[] = [];
  const baselineSamples: number[] = [];
  for (let i = 1; i <= sampleCount; i++) {
    const value = await measured.value();
    const baseline = await measured.baseline();
    samples.push(value);
    baselineSamples.push(baseline);
    progress(
      `${row.name}: sample ${i} of ${sampleCount}: ${value.toPrecision(4)} ${row.unit}, baseline ${baseline.toPrecision(4)} ${row.unit}`,
    );
  }
  const value = median(samples);
  const baseline = median(baselineSamples);
  return {
    name: row.name,
    value,
    unit: row.unit,
    betterIs: row.betterIs,
    baseline: { name: row.baselineName, value: baseline, samples: baselineSamples },
    ratio: value / baseline,
    samples,
    machine: machine(),
    versions: { node: process.versions.node, v8: process.versions.v8 },
  };
};
