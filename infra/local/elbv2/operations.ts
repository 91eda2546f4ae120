import { AwsError, type CloudIdentity } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import {
  showDefaultRule,
  showListener,
  showLoadBalancer,
  showRule,
  showTargetGroup,
  showTargetHealth,
} from './describe.ts';
import type { LoadBalancingBook } from './load-balancing-book.ts';
import {
  readActions,
  readConditions,
  readListener,
  readLoadBalancer,
  readTargetGroup,
  readTargets,
} from './read-settings.ts';
import { requireKnown } from './records.ts';
import type { TargetRegistry } from './target-registry.ts';

type Operations = Readonly<Record<string, JsonOperation>>;

const FRAME = { code: 'ValidationError' };
const NO_TAGS = 'no operation here reads tags back';
const ONE_PAGE = 'everything stands on one page';
const DEFAULT_DELAY_SECONDS = 300;
const PRIORITY = { min: 1, max: 50_000 };

const listOf = <T>(table: { entries(): readonly (readonly [string, T])[] }): readonly T[] =>
  table.entries().map(([, value]) => value);

/** By ARNs or by names: either must all exist. */
const pick = <T extends { readonly arn: string; readonly name: string }>(
  known: readonly T[],
  wanted: { readonly arns: readonly string[] | undefined; readonly names: readonly string[] | undefined },
  [code, message]: readonly [code: string, message: string],
): readonly T[] => {
  const asked = wanted.arns ?? wanted.names;
  if (asked === undefined) return known;
  return asked.map((one) => {
    const found = known.find(({ arn, name }) => one === arn || one === name);
    if (found === undefined) throw new AwsError(code, `${message}: ${one}`);
    return found;
  });
};

/** Asked after the reader: what is not supported is told first. */
const required = <T>(name: string, value: T | undefined): T => {
  if (value === undefined) throw new AwsError('ValidationError', `${name} is required`);
  return value;
};

const loadBalancerOperations = (book: LoadBalancingBook, identity: CloudIdentity): Operations => ({
  CreateLoadBalancer: (input) => {
    const given = readFields(input, FRAME, (fields) => {
      fields.ignore(NO_TAGS, 'Tags');
      return { ...readLoadBalancer(fields), name: fields.requiredText('Name') };
    });
    return { LoadBalancers: [showLoadBalancer(book.putLoadBalancer(given), identity)] };
  },
  DeleteLoadBalancer: (input) => {
    const arn = readFields(input, FRAME, (fields) => fields.requiredText('LoadBalancerArn'));
    for (const listener of listOf(book.tables.listeners)) {
      if (listener.loadBalancerArn === arn) book.deleteListener(listener.arn);
    }
    book.tables.loadBalancers.delete(arn);
    return {};
  },
  DescribeLoadBalancers: (input) => {
    const wanted = readFields(input, FRAME, (fields) => {
      fields.ignore(ONE_PAGE, 'PageSize');
      return { arns: fields.texts('LoadBalancerArns'), names: fields.texts('Names') };
    });
    const refusal = ['LoadBalancerNotFound', 'One or more load balancers not found'] as const;
    const found = pick(listOf(book.tables.loadBalancers), wanted, refusal);
    return { LoadBalancers: found.map((one) => showLoadBalancer(one, identity)) };
  },
});

const targetGroupOperations = (book: LoadBalancingBook): Operations => ({
  CreateTargetGroup: (input) => {
    const given = readFields(input, FRAME, (fields) => {
      fields.ignore(NO_TAGS, 'Tags');
      return { ...readTargetGroup(fields), name: fields.requiredText('Name') };
    });
    const group = book.putTargetGroup({ ...given, deregistrationDelaySeconds: DEFAULT_DELAY_SECONDS });
    return { TargetGroups: [showTargetGroup(book.tables, group)] };
  },
  DeleteTargetGroup: (input) => {
    const arn = readFields(input, FRAME, (fields) => fields.requiredText('TargetGroupArn'));
    const group = book.tables.targetGroups.get(arn);
    if (group !== undefined && showTargetGroup(book.tables, group).LoadBalancerArns.length > 0)
      throw new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
    book.tables.targetGroups.delete(arn);
    return {};
  },
  DescribeTargetGroups: (input) => {
    const { balancerArn, ...wanted } = readFields(input, FRAME, (fields) => {
      fields.ignore(ONE_PAGE, 'PageSize');
      return {
        arns: fields.texts('TargetGroupArns'),
        names: fields.texts('Names'),
        balancerArn: fields.text('LoadBalancerArn'),
      };
    });
    const refusal = ['TargetGroupNotFound', 'One or more target groups not found'] as const;
    const shown = pick(listOf(book.tables.targetGroups), wanted, refusal).map((one) =>
      showTargetGroup(book.tables, one),
    );
    return {
      TargetGroups: shown.filter((one) => balancerArn === undefined || one.LoadBalancerArns.includes(balancerArn)),
    };
  },
});

const targetOperations = ({ tables }: LoadBalancingBook, registry: TargetRegistry): Operations => {
  const readAddresses = (input: unknown) =>
    readFields(input, FRAME, (fields) => ({
      targetGroupArn: fields.requiredText('TargetGroupArn'),
      targets: readTargets(fields),
    }));
  return {
    RegisterTargets: (input) => {
      const { targetGroupArn, targets } = readAddresses(input);
      const group = requireKnown(tables, 'targetGroups', targetGroupArn);
      for (const { id, port } of targets) registry.register({ targetGroupArn, id, port: port ?? group.port });
      return {};
    },
    DeregisterTargets: async (input) => {
      const { targetGroupArn, targets } = readAddresses(input);
      const group = requireKnown(tables, 'targetGroups', targetGroupArn);
      await Promise.all(
        targets.map(({ id, port }) => registry.drain({ targetGroupArn, id, port: port ?? group.port })),
      );
      return {};
    },
    DescribeTargetHealth: async (input) => {
      const { targetGroupArn, targets } = readAddresses(input);
      requireKnown(tables, 'targetGroups', targetGroupArn);
      const found = await registry.look(targetGroupArn);
      const wanted = found.filter(
        (one) =>
          targets.length === 0 || targets.some(({ id, port }) => id === one.id && (port ?? one.port) === one.port),
      );
      return { TargetHealthDescriptions: wanted.map(showTargetHealth) };
    },
  };
};

const listenerOperations = (book: LoadBalancingBook): Operations => ({
  CreateListener: (input) => {
    const { defaultAction, ...given } = readFields(input, FRAME, (fields) => {
      fields.ignore(NO_TAGS, 'Tags');
      return readListener(fields);
    });
    const listener = { ...given, defaultAction: required('DefaultActions', defaultAction) };
    return { Listeners: [showListener(book.putListener(listener))] };
  },
  DeleteListener: (input) => {
    book.deleteListener(readFields(input, FRAME, (fields) => fields.requiredText('ListenerArn')));
    return {};
  },
  DescribeListeners: (input) => {
    const { arns, balancerArn } = readFields(input, FRAME, (fields) => {
      fields.ignore(ONE_PAGE, 'PageSize');
      return { arns: fields.texts('ListenerArns'), balancerArn: fields.text('LoadBalancerArn') };
    });
    if (arns === undefined && balancerArn === undefined)
      throw new AwsError('ValidationError', 'Either a load balancer ARN or listener ARNs must be specified');
    const known =
      arns?.map((arn) => requireKnown(book.tables, 'listeners', arn)) ??
      listOf(book.tables.listeners).filter(({ loadBalancerArn }) => loadBalancerArn === balancerArn);
    return { Listeners: known.map(showListener) };
  },
});

const ruleOperations = (book: LoadBalancingBook): Operations => ({
  CreateRule: (input) => {
    const given = readFields(input, FRAME, (fields) => {
      fields.ignore(NO_TAGS, 'Tags');
      return {
        listenerArn: fields.requiredText('ListenerArn'),
        priority: fields.integer('Priority', PRIORITY),
        pathPatterns: readConditions(fields),
        action: readActions(fields, 'Actions'),
      };
    });
    const rule = {
      listenerArn: given.listenerArn,
      priority: required('Priority', given.priority),
      pathPatterns: required('Conditions', given.pathPatterns),
      action: required('Actions', given.action),
    };
    return { Rules: [showRule(book.putRule(rule))] };
  },
  ModifyRule: (input) => {
    const { arn, action, pathPatterns } = readFields(input, FRAME, (fields) => ({
      arn: fields.requiredText('RuleArn'),
      pathPatterns: readConditions(fields),
      action: readActions(fields, 'Actions'),
    }));
    const standing = requireKnown(book.tables, 'rules', arn);
    const changed = { action: action ?? standing.action, pathPatterns: pathPatterns ?? standing.pathPatterns };
    return { Rules: [showRule(book.putRule({ ...standing, ...changed }))] };
  },
  DeleteRule: (input) => {
    const arn = readFields(input, FRAME, (fields) => fields.requiredText('RuleArn'));
    book.tables.rules.delete(requireKnown(book.tables, 'rules', arn).arn);
    return {};
  },
  DescribeRules: (input) => {
    const { arns, listenerArn } = readFields(input, FRAME, (fields) => {
      fields.ignore(ONE_PAGE, 'PageSize');
      return { arns: fields.texts('RuleArns'), listenerArn: fields.text('ListenerArn') };
    });
    if (arns !== undefined) return { Rules: arns.map((arn) => showRule(requireKnown(book.tables, 'rules', arn))) };
    if (listenerArn === undefined)
      throw new AwsError('ValidationError', 'Either listener ARN or rule ARNs must be specified');
    const listener = requireKnown(book.tables, 'listeners', listenerArn);
    const rules = listOf(book.tables.rules)
      .filter((rule) => rule.listenerArn === listenerArn)
      .sort((a, b) => a.priority - b.priority);
    return { Rules: [...rules.map(showRule), showDefaultRule(listener)] };
  },
});

export const loadBalancingOperations = (
  book: LoadBalancingBook,
  registry: TargetRegistry,
  identity: CloudIdentity,
): Operations => ({
  ...loadBalancerOperations(book, identity),
  ...targetGroupOperations(book),
  ...targetOperations(book, registry),
  ...listenerOperations(book),
  ...ruleOperations(book),
});
