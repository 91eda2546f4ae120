import { InvalidRequestError } from '../../kernel/errors.ts';

/** The tag that is always equal to the run's name. */
export const RUN_NAME_TAG = 'mlflow.runName';

const ADJECTIVES =
  'able agile amber ample bold brave brisk calm candid clear clever crisp deft eager early fair fleet fresh gentle glad golden grand handy hardy hazel humble jolly keen kind level light lively loyal lucid mellow merry mild neat nimble noble patient plucky polite prime proud quick quiet rapid ready silver sleek smart snug solid spry steady sturdy subtle sunny swift tidy trusty upbeat vivid warm wise witty zesty'.split(
    ' ',
  );
const NOUNS =
  'acorn alder anchor aspen badger beacon beaver birch bison brook canyon cedar cloud comet coral crane creek curlew delta ember falcon fern finch fjord forest garnet glacier grove harbor hawk heron hill island jay juniper kestrel lagoon lark lynx maple marten meadow meteor mill moose oak orchid osprey otter owl pebble pine plover quarry quartz raven reef ridge river robin sable shore spruce summit swan thrush tide valley willow wren'.split(
    ' ',
  );
const NUMBERS = 1_000;

const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
};

/** A name such as `brisk-heron-482`: always the same for one run. */
export const generatedRunName = (runId: string): string => {
  const adjective = ADJECTIVES[hashOf(`adjective ${runId}`) % ADJECTIVES.length];
  const noun = NOUNS[hashOf(`noun ${runId}`) % NOUNS.length];
  return `${adjective}-${noun}-${hashOf(`number ${runId}`) % NUMBERS}`;
};

/** @throws InvalidRequestError when the name and the tag are both given and differ. */
export const chooseRunName = (runId: string, name: string | undefined, tag: string | undefined): string => {
  if (name && tag && name !== tag) {
    throw new InvalidRequestError(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${name}', mlflow.runName='${tag}').`,
    );
  }
  return name || tag || generatedRunName(runId);
};
