import { modelPage, modelSummary, renderFleetPage, renderModelPage } from '../../shared/core/pages/index.ts';
import { bareModelFacts, DRAWN_AT_MS, drawnModelFacts } from './drawn-model.ts';

/** The pages of models, with all that they can show and with nothing, by a name. */
export const modelPages = (): Readonly<Record<string, string>> => {
  const facts = drawnModelFacts();
  const fleet = (models: readonly (typeof facts)[]) => ({
    stage: 'test',
    atMs: DRAWN_AT_MS,
    models: models.map(modelSummary),
  });
  const others = ['births', 'churn'].map((model, at) => ({
    ...facts,
    model,
    driftReports: facts.driftReports.slice(0, 6 - at),
    tests: undefined,
  }));
  return {
    'page of all models': renderFleetPage(fleet([bareModelFacts(), ...others, facts]), 'api'),
    'page of no models': renderFleetPage(fleet([]), 'files'),
    'page of a model': renderModelPage(modelPage(facts), 'api'),
    'page of a model, as a file': renderModelPage(modelPage(facts), 'files'),
    'page of a model of which nothing is known': renderModelPage(modelPage(bareModelFacts()), 'api'),
  };
};
