import type { LambdaState } from '../lambda-state.ts';
import type { EventSources } from './event-sources.ts';
import { type EventSourceMapping, isActing } from './mapping.ts';
import { createQueuePoller, type Poller, type PollerOptions } from './queue-poller.ts';
import type { StreamProgress } from './stream-batch.ts';
import { createStreamPoller } from './stream-poller.ts';

/** Keeps one poller for each mapping that acts. */
export interface MappingRunner {
  /** Starts, restarts or stops the poller, as the mapping now stands; undefined when it was deleted. */
  follow(uuid: string, mapping: EventSourceMapping | undefined): void;
  stop(): void;
}

export const createMappingRunner = (
  state: LambdaState,
  sources: () => EventSources,
  onResult: (uuid: string, result: string) => void,
): MappingRunner => {
  const { clock, store } = state.context;
  const progress = store.table<StreamProgress>('lambda-stream-progress');
  const pollers = new Map<string, Poller>();

  const queuePoller = (options: PollerOptions): Poller => {
    const poller = createQueuePoller(options);
    const unwatch = sources().watchQueue(options.mapping.eventSourceArn, poller.wake);
    return {
      wake: poller.wake,
      stop: () => {
        unwatch();
        poller.stop();
      },
    };
  };

  const streamPoller = (options: PollerOptions): Poller | undefined => {
    const { uuid, eventSourceArn, stream: settings } = options.mapping;
    const stream = sources().openStream(eventSourceArn);
    if (stream === undefined || settings === undefined) {
      options.onResult(`PROBLEM: the stream ${eventSourceArn} does not exist`);
      return undefined;
    }
    if (progress.get(uuid) === undefined) {
      const latest = settings.startingPosition === 'LATEST' ? stream.latest() : undefined;
      progress.put(uuid, { ...(latest === undefined ? {} : { after: latest }), parts: [] });
    }
    return createStreamPoller({
      ...options,
      stream,
      settings,
      load: () => progress.get(uuid) ?? { parts: [] },
      save: (made) => progress.put(uuid, made),
    });
  };

  const start = (mapping: EventSourceMapping): void => {
    const options = { state, mapping, onResult: (result: string) => onResult(mapping.uuid, result) };
    const poller = mapping.kind === 'queue' ? queuePoller(options) : streamPoller(options);
    if (poller === undefined) return;
    pollers.set(mapping.uuid, poller);
    poller.wake();
  };

  return {
    follow: (uuid, mapping) => {
      pollers.get(uuid)?.stop();
      pollers.delete(uuid);
      if (mapping === undefined) progress.delete(uuid);
      else if (isActing(mapping, clock.nowMs())) start(mapping);
    },
    stop: () => {
      for (const poller of pollers.values()) poller.stop();
      pollers.clear();
    },
  };
};
