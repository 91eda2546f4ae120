import { describe, expect, it } from 'vitest';
import {
  inferenceEndpointName,
  inferenceServiceName,
  isInferenceService,
  pinnedFamilyName,
  slotServiceName,
} from '../../../../shared/contracts/names.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

/** Where a model is served. */

const deployed = (deployment: object) => benchDefinition({ deployment: deployment as never }).deployment;

describe('the deployment of a definition', () => {
  it('is a function unless it says otherwise, with no word of ECS in it', () => {
    expect(deployed({})).toEqual({
      target: 'lambda',
      memoryMb: 1_024,
      canarySteps: [0.1, 0.5, 1],
      bakeMinutes: 60,
      maxErrorShareIncrease: 0.05,
      replay: { rows: 1_000, maxFailureShare: 0 },
      router: 'alias',
    });
  });

  it('is a task of half a processor and a gigabyte when it is on ECS', () => {
    expect(deployed({ target: 'ecs' })).toMatchObject({ target: 'ecs', vcpus: 0.5, memoryMb: 1_024, tasks: 1 });
  });

  it('is of so many tasks, or of as many within bounds as what it is asked takes', () => {
    expect(deployed({ target: 'ecs', tasks: 3 })).toMatchObject({ tasks: 3 });
    expect(deployed({ target: 'ecs', tasks: { min: 1, max: 4 } })).toMatchObject({
      tasks: { min: 1, max: 4, cpuPercent: 60 },
    });
  });

  it.each([
    [{ target: 'ecs', tasks: { min: 4, max: 4 } }, 'deployment.tasks must have a min below its max'],
    [{ target: 'ecs', tasks: { min: 0, max: 4 } }, 'deployment.tasks.min'],
    [{ target: 'ecs', tasks: { min: 1, max: 51 } }, 'deployment.tasks.max'],
    [{ target: 'ecs', tasks: { min: 1, max: 4, cpuPercent: 95 } }, 'deployment.tasks.cpuPercent'],
    [{ target: 'ecs', tasks: { min: 1, max: 4, memoryPercent: 60 } }, 'unknown key "memoryPercent"'],
    [{ target: 'ecs', vcpus: 2 }, 'must have a memoryMb from 4096 to 16384 by steps of 1024 with 2 vcpus, got 1024'],
    [{ target: 'ecs', memoryMb: 1_500 }, 'by steps of 1024 with 0.5 vcpus, got 1500'],
    [{ target: 'ecs', vcpus: 3, memoryMb: 8_192 }, 'deployment.vcpus'],
    [{ target: 'ecs', tasks: 0 }, 'deployment.tasks'],
    [{ target: 'lambda', tasks: 2 }, 'unknown key "tasks"'],
    [{ tasks: 2 }, 'unknown key "tasks"'],
    [{ target: 'eks' }, 'deployment.target'],
  ])('refuses %j by the field that is wrong', (deployment, message) => {
    expect(() => deployed(deployment)).toThrow(message);
  });
});

describe('the names of an endpoint', () => {
  it('tell where it is, whatever the model is called', () => {
    const named = (name: string, deployment: object) => ({ name, deployment: deployed(deployment) });

    expect(inferenceEndpointName('dev', named('serve-me', {}))).toBe('millrace-dev-infer-serve-me');
    expect(isInferenceService('millrace-dev-infer-serve-me')).toBe(false);
    expect(isInferenceService(inferenceEndpointName('dev', named('infer-me', { target: 'ecs' })))).toBe(true);
  });

  it('of services and families differ for every model: one may be called like a part of another’s', () => {
    const names = ['x', 'slot-a-x', 'pinned-x', 'serve-x', 'x-serve-x'].flatMap((model) => {
      const service = inferenceServiceName('dev', model);
      return [service, pinnedFamilyName(service), slotServiceName(service, 'a'), slotServiceName(service, 'b')];
    });

    expect(new Set(names).size).toBe(names.length);
  });
});
