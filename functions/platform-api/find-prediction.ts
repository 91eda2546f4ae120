import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import type { PredictionRecord } from '../../shared/contracts/capture.ts';
import { InvalidRequestError, LimitExceededError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import { timeOfId } from '../../shared/kernel/time-ordered-id.ts';
import type { StoredObject } from '../../shared/ports/artifact-store.ts';
import { type Captures, listHour, predictionsHolding, readCompactedDay } from './read-captured.ts';

/** The longest that Firehose buffers, and so how far an object's hour may be from that of a record in it. */
const BUFFER_MS = 15 * MINUTE_MS;
/** Objects fetched for one prediction, a few side by side: a day that is not compacted yet has 1,440 at most as a rule. */
const MOST_OBJECTS = 3_000;
const PARALLEL = 16;

export interface FoundPrediction {
  readonly record: PredictionRecord;
  /** Key in the data bucket of the object that holds it. */
  readonly object: string;
}

interface Request {
  readonly model: string;
  readonly predictionId: string;
  /** UTC day on which it was answered, as `YYYY-MM-DD`. */
  readonly day?: string | undefined;
}

/** Sent twice, a prediction stands on several lines: the first is the one that was answered first. */
const pick = (body: Uint8Array, { predictionId }: Request): PredictionRecord | undefined => {
  const records = predictionsHolding(body, JSON.stringify(predictionId)).map(({ record }) => record);
  const meant = records.filter((record) => record.predictionId === predictionId);
  return meant.toSorted((a, b) => a.atMs - b.atMs)[0];
};

const searchObjects = async (
  data: Captures,
  objects: readonly StoredObject[],
  request: Request,
): Promise<FoundPrediction | undefined> => {
  if (objects.length > MOST_OBJECTS) {
    throw new LimitExceededError(
      `${objects.length} objects would have to be read, at most ${MOST_OBJECTS} are: ask again when the day is compacted`,
    );
  }
  for (let from = 0; from < objects.length; from += PARALLEL) {
    const found = await Promise.all(
      objects.slice(from, from + PARALLEL).map(async ({ key }) => {
        const record = pick(await data.get(key), request);
        return record === undefined ? [] : [{ record, object: key }];
      }),
    );
    const [first] = found.flat();
    if (first !== undefined) return first;
  }
  return undefined;
};

/** An object is written when its buffer ends: the one meant is as a rule the first that was written after the answer. */
const searchHours = async (data: Captures, request: Request, atMs: number): Promise<FoundPrediction | undefined> => {
  const hours = new Set([atMs - BUFFER_MS, atMs, atMs + BUFFER_MS].map((ms) => Math.floor(ms / HOUR_MS) * HOUR_MS));
  const lists = await Promise.all([...hours].map((hourMs) => listHour(data, request.model, hourMs)));
  const answeredAtMs = Math.floor(atMs / SECOND_MS) * SECOND_MS;
  const objects = lists.flat().toSorted((a, b) => a.lastModifiedMs - b.lastModifiedMs);
  const isLater = ({ lastModifiedMs }: StoredObject): boolean => lastModifiedMs >= answeredAtMs;
  const others = objects.filter((object) => !isLater(object));
  return searchObjects(data, [...objects.filter(isLater), ...others], request);
};

/** Around midnight a record may lie in the next or the previous day's folder. */
const searchDay = async (data: Captures, request: Request, day: string): Promise<FoundPrediction | undefined> => {
  const fromMs = Date.parse(day);
  const compacted = await readCompactedDay(data, request.model, day);
  const record = compacted && pick(compacted.body, request);
  if (compacted && record) return { record, object: compacted.key };
  const lists = await Promise.all([
    compacted ? [] : data.list(captureDayPrefix(request.model, day)),
    listHour(data, request.model, fromMs - HOUR_MS),
    listHour(data, request.model, fromMs + 24 * HOUR_MS),
  ]);
  return searchObjects(data, lists.flat(), request);
};

/**
 * A captured prediction by its id. One of ours carries its time, so that a few objects hold the answer; for an id that a
 * caller gave, the day is needed.
 * @throws InvalidRequestError for such an id without a day.
 */
export const findPrediction = async (data: Captures, request: Request): Promise<FoundPrediction | undefined> => {
  const { predictionId, day } = request;
  const atMs = timeOfId(predictionId);
  if (day === undefined && atMs === undefined) {
    throw new InvalidRequestError(
      `prediction id ${showValue(predictionId)} carries no time: give the UTC day of the prediction, such as day=2026-11-21`,
    );
  }
  const byTime = atMs === undefined ? undefined : await searchHours(data, request, atMs);
  return byTime ?? (day === undefined ? undefined : searchDay(data, request, day));
};
