import {
  type MetricSnapshot,
  type Metrics,
  SERVING_FAMILIES,
  sumSnapshots,
  writeExposition,
} from '../../../shared/core/prometheus/index.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** A thread that runs a model at the moment tells its figures later; until then its last ones count. */
const WAIT_MS = 500;

/**
 * What all threads count, in one text.
 * @param gauges what the coordinator itself knows, by family.
 */
export const createServerMetrics = (
  threads: readonly ThreadHandle[],
  metrics: Metrics,
  gauges: () => Readonly<Record<string, number>>,
) => {
  const last = new Map<number, MetricSnapshot>();
  const waiting = new Map<number, (snapshot: MetricSnapshot) => void>();
  let nextQuestion = 1;

  const ask = (thread: ThreadHandle): Promise<void> => {
    const id = nextQuestion;
    nextQuestion += 1;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, WAIT_MS);
      waiting.set(id, (snapshot) => {
        last.set(thread.index, snapshot);
        done();
      });
      thread.post({ kind: 'tell-metrics', id });
    });
  };

  const text = async (): Promise<string> => {
    await Promise.all(threads.map(ask));
    for (const [family, value] of Object.entries(gauges())) metrics.series(family, [])[0] = value;
    return writeExposition(SERVING_FAMILIES, sumSnapshots([...last.values(), metrics.snapshot()]));
  };

  for (const thread of threads) {
    thread.on('own-metrics', ({ id, snapshot }) => waiting.get(id)?.(snapshot));
    thread.on('want-metrics', ({ id }) => {
      const tell = (told: string): void => thread.post({ kind: 'metrics', id, text: told });
      text().then(tell, () => tell(''));
    });
  }
};
