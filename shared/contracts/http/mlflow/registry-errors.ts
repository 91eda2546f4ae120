import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../../../kernel/errors.ts';

/** What the registry refuses, in the words that MLflow's clients and tests look for. */

export const noSuchModel = (name: string): NotFoundError =>
  new NotFoundError(`Registered Model with name=${name} not found`);

export const noSuchVersion = (name: string, version: number | string): NotFoundError =>
  new NotFoundError(`Model Version (name=${name}, version=${version}) not found`);

export const noSuchAlias = (alias: string): InvalidRequestError =>
  new InvalidRequestError(`Registered model alias ${alias} not found.`);

type Tags = Readonly<Record<string, string>>;

const kindOf = (tags: Tags): 'Prompt' | 'Registered Model' =>
  Object.hasOwn(tags, 'mlflow.prompt.is_prompt') && tags['mlflow.prompt.is_prompt']?.toLowerCase() === 'true'
    ? 'Prompt'
    : 'Registered Model';

/** Models and prompts share their names. */
export const nameTaken = (
  name: string,
  { standing, wanted }: { readonly standing: Tags; readonly wanted: Tags } = { standing: {}, wanted: {} },
): AlreadyExistsError => {
  const [old, fresh] = [kindOf(standing), kindOf(wanted)];
  return new AlreadyExistsError(
    old === fresh
      ? `${fresh} (name=${name}) already exists.`
      : `Tried to create a ${fresh.toLowerCase()} with name '${name}', but the name is already taken by a ${old.toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`,
  );
};

/** A change to a model whose versions pipelines register. */
export const movedByRollouts = (name: string, alias: string): InvalidRequestError =>
  new InvalidRequestError(
    `alias '${alias}' of registered model '${name}' follows what serves, so that a rollout moves it: ` +
      'approve the version on the platform API (POST /models/{model}/versions/{version}/approve) and its rollout does the rest',
  );

export const namedByLineage = (name: string, change: 'renamed' | 'deleted'): InvalidRequestError =>
  new InvalidRequestError(
    `registered model '${name}' cannot be ${change}: pipelines register its versions, and its lineage and what serves name it`,
  );
