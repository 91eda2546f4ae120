import { describe, expect, it } from 'vitest';
import {
  createExperiment,
  deleteExperiment,
  type Experiment,
  type ExperimentSearch,
  parseExperimentFilter,
  parseExperimentOrderBy,
  searchExperiments,
} from '../../../../../shared/core/tracking/index.ts';

const experiment = (experimentId: string, name: string, createdAtMs: number): Experiment =>
  createExperiment({ experimentId, name, tags: [{ key: 'team', value: name }], createdAtMs });
const ALL = [
  experiment('9', 'nine', 5),
  experiment('10', 'ten', 5),
  experiment('11', 'Eleven', 7),
  deleteExperiment(experiment('12', 'twelve', 1), 3),
];

const search = (where = '', by: readonly string[] = [], more: Partial<ExperimentSearch> = {}) =>
  searchExperiments({
    experiments: ALL,
    filter: parseExperimentFilter(where),
    orderBy: parseExperimentOrderBy(by),
    view: 'ACTIVE_ONLY',
    maxResults: 10,
    ...more,
  });
const ids = ({ entities }: ReturnType<typeof search>) => entities.map(({ experimentId }) => experimentId);

describe('searching experiments', () => {
  it('has the newest first, of one time the highest id', () => {
    expect(ids(search())).toEqual(['11', '10', '9']);
  });

  it('orders ids as numbers', () => {
    expect(ids(search('', ['experiment_id ASC']))).toEqual(['9', '10', '11']);
  });

  it.each([
    ["name = 'ten'", ['10']],
    ["name LIKE '%e%'", ['11', '10', '9']],
    ["name LIKE 'e%'", []],
    ["name ILIKE 'e%'", ['11']],
    ['creation_time <= 5', ['10', '9']],
    ['last_update_time = 7', ['11']],
    ["tags.team != 'ten'", ['11', '9']],
    ["tags.other != 'ten'", []],
  ])('filters by %s', (where, expected) => {
    expect(ids(search(where))).toEqual(expected);
  });

  it('shows what the view asks for, and its token belongs to the view', () => {
    expect(ids(search('', [], { view: 'DELETED_ONLY' }))).toEqual(['12']);
    expect(ids(search('', [], { view: 'ALL' }))).toHaveLength(4);
    const { nextPageToken = '' } = search('', [], { maxResults: 1 });
    expect(ids(search('', [], { maxResults: 1, pageToken: nextPageToken }))).toEqual(['10']);
    expect(() => search('', [], { view: 'ALL', pageToken: nextPageToken })).toThrow(/another search/);
  });
});
