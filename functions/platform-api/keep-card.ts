import { hash } from 'node:crypto';
import { cardPrefix } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { canonicalJson } from '../../shared/core/audit/index.ts';
import type { CardContent, ModelCard } from '../../shared/core/governance/index.ts';
import { ConflictError, InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** The cards of versions as they were, by number. A kept card is never changed. */

type Cards = Pick<ArtifactStore, 'get' | 'list' | 'putIfAbsent'>;

/** Others that ask for the same card at once make it anew as often, or find ours. */
const MOST_ATTEMPTS = 5;
const JSON_TYPE = 'application/json';
const NUMBERED = /\/([1-9]\d*)\.json$/;

const keyOf = (model: string, version: number, cardVersion: number): string =>
  `${cardPrefix(model, version)}${cardVersion}.json`;

const digestOf = (content: unknown): string => hash('sha256', canonicalJson(content));

/** As it will be read back: without what is undefined, and in text that has a UTF-8. */
const storable = (content: CardContent): CardContent =>
  JSON.parse(JSON.stringify(content), (_name, value) => (typeof value === 'string' ? value.toWellFormed() : value));

/**
 * @throws NotFoundError
 * @throws InvalidStateError when the card is not as it was kept.
 */
export const readCard = async (
  artifacts: Pick<Cards, 'get'>,
  { model, version, cardVersion }: { readonly model: string; readonly version: number; readonly cardVersion: number },
): Promise<ModelCard> => {
  const key = keyOf(model, version, cardVersion);
  const bytes = await artifacts.get(key).catch((error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`card ${cardVersion} of ${model}@${version} does not exist`, { cause: error });
  });
  const card = JSON.parse(new TextDecoder().decode(bytes)) as ModelCard; // written by keepCard alone, as its digest shows
  const found = digestOf(card.content);
  if (found === card.digest) return card;
  throw new InvalidStateError(`${key} has content of the digest ${found}, expected ${card.digest}`);
};

/** 0 before the first. */
const newestOf = async (artifacts: Cards, model: string, version: number): Promise<number> => {
  const numbers = (await artifacts.list(cardPrefix(model, version))).map(({ key }) => Number(NUMBERED.exec(key)?.[1]));
  return numbers.reduce((newest, number) => (number > newest ? number : newest), 0);
};

/** Another may be writing the same number. */
const wrote = async (artifacts: Cards, key: string, card: ModelCard): Promise<boolean> => {
  try {
    return await artifacts.putIfAbsent(key, toJsonFile(card), JSON_TYPE);
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
};

/**
 * The newest card of a version, which is the one that stands when it says the same.
 * @throws ConflictError when others keep other cards of the version faster.
 */
export const keepCard = async (artifacts: Cards, content: CardContent, nowMs: number): Promise<ModelCard> => {
  const { model, version } = content;
  const kept = storable(content);
  const digest = digestOf(kept);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const newest = await newestOf(artifacts, model, version);
    const standing = newest === 0 ? undefined : await readCard(artifacts, { model, version, cardVersion: newest });
    if (standing?.digest === digest) return standing;
    const card: ModelCard = { cardVersion: newest + 1, digest, generatedAtMs: nowMs, content: kept };
    if (await wrote(artifacts, keyOf(model, version, card.cardVersion), card)) return card;
  }
  throw new ConflictError(`the card of ${model}@${version} is being written by others; ask again`);
};
