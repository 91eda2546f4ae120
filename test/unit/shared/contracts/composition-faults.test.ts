import { describe, expect, it } from 'vitest';
import {
  type CompositionDefinitionInput,
  defineComposition,
} from '../../../../shared/contracts/composition-definition.ts';
import { resolveComposition } from '../../../../shared/contracts/composition-faults.ts';

const feature = (name: string, type: 'number' | 'category') => ({
  name,
  type,
  nullable: false,
  monitor: 'report' as const,
});
const MODELS = [
  { name: 'toy', features: [feature('x', 'number'), feature('kind', 'category')] },
  { name: 'gem', features: [feature('y', 'number')] },
];

const resolve = (more: Partial<CompositionDefinitionInput>) =>
  resolveComposition(
    defineComposition({
      name: 'blend',
      owner: 'somebody',
      inputs: [
        { name: 'x', type: 'number' },
        { name: 'kind', type: 'category' },
      ],
      nodes: [{ kind: 'model', name: 'first', model: 'toy' }],
      output: 'first',
      ...more,
    }),
    MODELS,
  );

describe('a composition', () => {
  it('takes the features that it does not name from the columns of their names', () => {
    const { nodes } = resolve({});

    expect(nodes).toMatchObject([{ inputs: { x: 'x', kind: 'kind' } }]);
  });

  it.each<[string, Partial<CompositionDefinitionInput>, string]>([
    [
      'a node that reads what is not there',
      { nodes: [{ kind: 'model', name: 'first', model: 'gem', inputs: { y: 'speed' } }] },
      'node first reads speed, which is neither an input nor a node',
    ],
    [
      'a feature that has no column',
      { nodes: [{ kind: 'model', name: 'first', model: 'gem' }] },
      'node first reads y, which is neither an input nor a node',
    ],
    [
      'nodes in a circle',
      {
        nodes: [
          { kind: 'transform', name: 'first', of: 'second', steps: [{ fill: 1 }] },
          { kind: 'transform', name: 'second', of: 'first', steps: [{ fill: 1 }] },
        ],
      },
      'nodes read each other in a circle: first, second',
    ],
    [
      'a name that is taken',
      { nodes: [{ kind: 'model', name: 'x', model: 'toy' }], output: 'x' },
      'the name x is taken twice',
    ],
    ['an output that is no node', { output: 'x' }, 'the output x is no node'],
    [
      'a node that nobody needs',
      {
        nodes: [
          { kind: 'model', name: 'first', model: 'toy' },
          { kind: 'model', name: 'other', model: 'toy' },
        ],
      },
      'node other is never asked for',
    ],
    [
      'a model that is not defined',
      { nodes: [{ kind: 'model', name: 'first', model: 'ruby', inputs: { x: 'x' } }] },
      'node first: model ruby has no definition',
    ],
    [
      'a feature of the wrong type',
      { nodes: [{ kind: 'model', name: 'first', model: 'toy', inputs: { kind: 'x' } }] },
      'node first: feature kind is a category, x holds a number',
    ],
    [
      'a feature that the model does not have',
      { nodes: [{ kind: 'model', name: 'first', model: 'toy', inputs: { z: 'x' } }] },
      'node first: toy has no feature z',
    ],
    [
      'a step that needs a number',
      { nodes: [{ kind: 'transform', name: 'first', of: 'kind', steps: [{ scale: {} }] }] },
      'node first: scale needs a number',
    ],
    [
      'a map of numbers and text',
      { nodes: [{ kind: 'transform', name: 'first', of: 'kind', steps: [{ map: { values: { a: 1, b: 'c' } } }] }] },
      'node first: map must give numbers or text, not both',
    ],
    [
      'an answer in categories',
      { nodes: [{ kind: 'transform', name: 'first', of: 'kind', steps: [{ fill: 'a' }] }] },
      'the output first holds categories, must hold numbers',
    ],
    [
      'a curve that falls back',
      {
        nodes: [
          {
            kind: 'transform',
            name: 'first',
            of: 'x',
            steps: [
              {
                curve: [
                  [1, 0],
                  [1, 1],
                ],
              },
            ],
          },
        ],
      },
      'node first: the points of a curve must rise strictly',
    ],
    [
      'weights of another number',
      {
        nodes: [
          { kind: 'model', name: 'one', model: 'toy' },
          { kind: 'ensemble', name: 'first', of: ['one'], weights: [1, 2] },
        ],
      },
      'node first has 2 weights for 1 members',
    ],
    [
      'more members needed than there are',
      {
        nodes: [
          { kind: 'model', name: 'one', model: 'toy' },
          { kind: 'ensemble', name: 'first', of: ['one'], minMembers: 2 },
        ],
      },
      'node first needs 2 members and has 1',
    ],
    [
      'a node that may be skipped where it is needed',
      { nodes: [{ kind: 'model', name: 'first', model: 'toy', onFailure: 'skip' }] },
      'node first may be skipped, but the output needs it: only an ensemble goes on without',
    ],
    [
      'a case of another type than its column',
      {
        nodes: [
          { kind: 'model', name: 'one', model: 'toy' },
          { kind: 'switch', name: 'first', on: 'kind', cases: [{ when: { below: 1 }, take: 'one' }], otherwise: 'one' },
        ],
      },
      'node first: a case needs a number, kind holds a category',
    ],
  ])('is refused for %s', (_, more, message) => {
    expect(() => resolve(more)).toThrow(`composition blend does not fit: ${message}`);
  });

  it.each<[string, object, string]>([
    ['a misspelt field', { outputs: 'first' }, 'unknown key "outputs"; allowed: name, owner'],
    [
      'a step that is none',
      { nodes: [{ kind: 'transform', name: 'first', of: 'x', steps: [{ square: true }] }] },
      'nodes.0.steps.0 must be one of {fill}, {clip}, {scale}',
    ],
    ['a deadline beyond API Gateway’s', { deadlineMs: 60_000 }, 'deadlineMs must be at most 25000, got 60000'],
  ])('is refused by its form for %s', (_, more, message) => {
    expect(() => resolve(more as Partial<CompositionDefinitionInput>)).toThrow(message);
  });
});
