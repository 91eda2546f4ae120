import { type AccessControl, type AccessRequest, AwsError, type Caller, type ServicePrincipal } from '../contracts.ts';
import type { JsonOperation } from '../protocols/json.ts';
import type { RestCall, RestOperation, RestProtocol } from '../protocols/rest.ts';
import { AccessDenied, deniedBy } from './access-denied.ts';

/** A permission that a request needs, whoever makes it. */
export type Need = Omit<AccessRequest, 'principal'>;

export type Input = Readonly<Record<string, unknown>>;

/** What an operation needs; nothing for an input that the operation will refuse anyway. */
export type AccessRule<I = Input> = (input: I) => readonly Need[];

/** By operation. */
export type AccessRules<I = Input> = Readonly<Record<string, AccessRule<I>>>;

export interface Guard {
  readonly access: AccessControl;
  /** The service as IAM's actions spell it: a refusal is rendered in its manner. */
  readonly service: string;
}

/** Asks for everything that is needed, in order. @throws AwsError as the service says that it refuses */
export const requireAll = (
  { access, service }: Guard,
  principal: Caller | ServicePrincipal,
  needs: readonly Need[],
): void => {
  try {
    for (const need of needs) access.require({ principal, ...need });
  } catch (error) {
    const foreign = error instanceof AccessDenied && !error.denial.action.startsWith(`${service}:`);
    throw foreign ? deniedBy(service, error) : error;
  }
};

/**
 * An operation without a rule needs every permission of its service: a rule that was forgotten opens nothing.
 * A test holds that none is.
 */
const ruleFor = <I>({ service }: Guard, rules: AccessRules<I>, name: string): AccessRule<I> => {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return rule ?? (() => [{ action: `${service}:${name.replace(/[^A-Za-z]/g, '')}`, resource: '*' }]);
};

/** The same operations, each behind its rule. */
export const guardOperations = (
  guard: Guard,
  rules: AccessRules,
  operations: Readonly<Record<string, JsonOperation>>,
): Readonly<Record<string, JsonOperation>> =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => {
      const rule = ruleFor(guard, rules, name);
      const guarded: JsonOperation = (input, request) => {
        requireAll(guard, request.caller, rule(input));
        return operation(input, request);
      };
      return [name, guarded];
    }),
  );

/** A REST request as a rule sees it. */
export interface RestInput {
  readonly call: RestCall;
  /** Decoded; empty where the rule is asked before the body is read. */
  readonly body: Input;
}

const isJson = (call: RestCall): boolean => call.request.method !== 'GET' && call.request.method !== 'DELETE';

/** The body for the rule alone: one that is not JSON is left to the operation, which refuses it. */
const bodyOf = async (call: RestCall): Promise<Input> => {
  try {
    return isJson(call) ? await call.json() : {};
  } catch (error) {
    if (error instanceof AwsError) return {};
    throw error;
  }
};

/** The same routes, each behind its rule; a rule is named by its route without the query. */
export const guardRoutes = (
  guard: Guard,
  rules: AccessRules<RestInput>,
  routes: RestProtocol['routes'],
): RestProtocol['routes'] =>
  Object.fromEntries(
    Object.entries(routes).map(([name, value]) => {
      const rule = ruleFor(guard, rules, name.split('?')[0] ?? name);
      const { operation, ...rest } = typeof value === 'function' ? { operation: value } : value;
      const guarded: RestOperation = async (call) => {
        requireAll(guard, call.request.caller, rule({ call, body: await bodyOf(call) }));
        return operation(call);
      };
      return [name, { ...rest, operation: guarded }];
    }),
  );

/** A text of an untrusted input; empty when it is absent. */
export const textOf = (input: Input, name: string): string => {
  const value = input[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** Objects of an untrusted list. */
export const objectsOf = (input: Input, name: string): readonly Input[] => {
  const value = input[name];
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Input => typeof item === 'object' && item !== null && !Array.isArray(item));
};
