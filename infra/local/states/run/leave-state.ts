import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { Template } from '../definition/types.ts';
import { StateFailure } from '../failure.ts';
import { evaluateTemplate, type QueryScope } from '../query/evaluate.ts';
import { record, type Visit } from './frame.ts';
import { PAYLOAD_BYTES, payloadText, VARIABLES_BYTES } from './limits.ts';

/** How a visit ended: the output, and the state that follows unless the graph ends. */
export interface Outcome {
  readonly output: JsonValue;
  readonly next?: string;
}

interface Leaving {
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
}

export interface Evaluated {
  readonly output: JsonValue;
  readonly assigned: Readonly<Record<string, JsonValue>>;
}

/**
 * Evaluates Output and Assign. Both see the variables as they were on entry; what Assign gives counts from the next
 * state on.
 */
export const evaluateLeaving = async (
  leaving: Leaving,
  defaultOutput: JsonValue,
  scope: QueryScope,
): Promise<Evaluated> => {
  const output = leaving.Output === undefined ? defaultOutput : await evaluateTemplate(leaving.Output, 'Output', scope);
  const assigned: Record<string, JsonValue> = {};
  for (const [name, template] of Object.entries(leaving.Assign ?? {})) {
    assigned[name] = await evaluateTemplate(template, `Assign/${name}`, scope);
  }
  return { output, assigned };
};

/** Writes StateExited and sets the variables. */
export const leaveState = (visit: Visit, type: string, { output, assigned }: Evaluated): void => {
  const text = payloadText(output, `The output of the state '${visit.name}'`);
  const variables = Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const bytes = variables.reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
  const limit = (cause: string): StateFailure => new StateFailure('States.DataLimitExceeded', cause);
  if (bytes > PAYLOAD_BYTES) {
    throw limit(
      `The variables assigned by the state '${visit.name}' exceed the maximum number of bytes service limit (${PAYLOAD_BYTES}).`,
    );
  }
  const kept = { ...visit.frame.variables, ...assigned };
  if (variables.length > 0 && Buffer.byteLength(JSON.stringify(kept)) > VARIABLES_BYTES) {
    throw limit(
      `The variables of the execution exceed the maximum number of bytes service limit (${VARIABLES_BYTES}).`,
    );
  }
  record(visit.frame, `${type}StateExited`, 'stateExitedEventDetails', {
    name: visit.name,
    output: text,
    outputDetails: { truncated: false },
    ...(variables.length === 0
      ? {}
      : { assignedVariables: Object.fromEntries(variables), assignedVariablesDetails: { truncated: false } }),
  });
  visit.frame.variables = kept;
};
