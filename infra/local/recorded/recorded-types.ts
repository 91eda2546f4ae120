import type { RecordedResource, RecordedType } from './recorded-type.ts';

const NETWORK = 'there is no network here: what runs, runs on this machine and calls loopback';
const BATCH = 'jobs run as processes of this machine, not on instances';

const IMAGES = 'there is no container runtime here: what stands for an image, somebody says';

const text = ({ properties }: RecordedResource, name: string): string => String(properties[name] ?? '');

/** `Ref` is the id with this prefix; so are the attributes named. */
const identified =
  (
    prefix: string,
    attribute: string,
    more: (resource: RecordedResource) => Readonly<Record<string, unknown>> = () => ({}),
  ) =>
  (resource: RecordedResource) => ({
    physicalId: resource.id(prefix),
    attributes: { [attribute]: resource.id(prefix), ...more(resource) },
  });

const RULE_PROPERTIES = [
  'CidrIp',
  'CidrIpv6',
  'Description',
  'FromPort',
  'ToPort',
  'IpProtocol',
  'GroupId',
  'SourceSecurityGroupId',
  'SourcePrefixListId',
  'DestinationSecurityGroupId',
  'DestinationPrefixListId',
] as const;

export const RECORDED_TYPES: Readonly<Record<string, RecordedType>> = {
  'AWS::Budgets::Budget': {
    reason: 'nothing here costs anything',
    properties: ['Budget', 'NotificationsWithSubscribers', 'ResourceTags'],
    answer: (resource) => {
      const budget = resource.properties.Budget as { readonly BudgetName?: string } | undefined;
      return { physicalId: budget?.BudgetName ?? resource.name, attributes: {} };
    },
  },
  'AWS::EC2::VPC': {
    reason: NETWORK,
    properties: ['CidrBlock', 'EnableDnsHostnames', 'EnableDnsSupport', 'InstanceTenancy', 'Tags'],
    answer: identified('vpc', 'VpcId', (resource) => ({
      CidrBlock: text(resource, 'CidrBlock'),
      CidrBlockAssociations: [resource.id('vpc-cidr-assoc')],
      DefaultNetworkAcl: resource.id('acl'),
      DefaultSecurityGroup: resource.id('sg'),
      Ipv6CidrBlocks: [],
    })),
  },
  'AWS::EC2::Subnet': {
    reason: NETWORK,
    properties: ['AvailabilityZone', 'CidrBlock', 'MapPublicIpOnLaunch', 'Tags', 'VpcId'],
    answer: identified('subnet', 'SubnetId', (resource) => ({
      AvailabilityZone: text(resource, 'AvailabilityZone') || `${resource.context.region}a`,
      CidrBlock: text(resource, 'CidrBlock'),
      NetworkAclAssociationId: resource.id('aclassoc'),
      Ipv6CidrBlocks: [],
      VpcId: text(resource, 'VpcId'),
    })),
  },
  'AWS::EC2::RouteTable': {
    reason: NETWORK,
    properties: ['VpcId', 'Tags'],
    answer: identified('rtb', 'RouteTableId'),
  },
  'AWS::EC2::Route': {
    reason: NETWORK,
    properties: ['DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'GatewayId', 'RouteTableId'],
    answer: (resource) => {
      const destination = text(resource, 'DestinationCidrBlock') || text(resource, 'DestinationIpv6CidrBlock');
      return { physicalId: `${text(resource, 'RouteTableId')}|${destination}`, attributes: { CidrBlock: destination } };
    },
  },
  'AWS::EC2::SubnetRouteTableAssociation': {
    reason: NETWORK,
    properties: ['RouteTableId', 'SubnetId'],
    answer: identified('rtbassoc', 'Id'),
  },
  'AWS::EC2::InternetGateway': {
    reason: NETWORK,
    properties: ['Tags'],
    answer: identified('igw', 'InternetGatewayId'),
  },
  'AWS::EC2::VPCGatewayAttachment': {
    reason: NETWORK,
    properties: ['InternetGatewayId', 'VpcId', 'VpnGatewayId'],
    answer: (resource) => ({
      physicalId: `IGW|${text(resource, 'VpcId')}`,
      attributes: { AttachmentType: 'IGW' },
    }),
  },
  'AWS::EC2::SecurityGroup': {
    reason: NETWORK,
    properties: ['GroupDescription', 'GroupName', 'SecurityGroupEgress', 'SecurityGroupIngress', 'Tags', 'VpcId'],
    answer: identified('sg', 'GroupId', (resource) => ({ Id: resource.id('sg'), VpcId: text(resource, 'VpcId') })),
  },
  'AWS::EC2::SecurityGroupIngress': {
    reason: NETWORK,
    properties: RULE_PROPERTIES,
    answer: identified('sgr', 'Id'),
  },
  'AWS::EC2::SecurityGroupEgress': {
    reason: NETWORK,
    properties: RULE_PROPERTIES,
    answer: identified('sgr', 'Id'),
  },
  'AWS::EC2::VPCEndpoint': {
    reason: NETWORK,
    properties: [
      'PolicyDocument',
      'PrivateDnsEnabled',
      'RouteTableIds',
      'SecurityGroupIds',
      'ServiceName',
      'SubnetIds',
      'Tags',
      'VpcEndpointType',
      'VpcId',
    ],
    answer: identified('vpce', 'Id', (resource) => ({
      CreationTimestamp: resource.createdAt,
      DnsEntries: [],
      NetworkInterfaceIds: [],
    })),
  },
  'AWS::EC2::FlowLog': {
    reason: NETWORK,
    properties: [
      'DeliverLogsPermissionArn',
      'LogDestination',
      'LogDestinationType',
      'LogFormat',
      'LogGroupName',
      'MaxAggregationInterval',
      'ResourceId',
      'ResourceType',
      'Tags',
      'TrafficType',
    ],
    answer: identified('fl', 'Id'),
  },
  'AWS::EC2::LaunchTemplate': {
    reason: BATCH,
    properties: ['LaunchTemplateData', 'LaunchTemplateName', 'TagSpecifications', 'VersionDescription'],
    answer: identified('lt', 'LaunchTemplateId', ({ version }) => ({
      DefaultVersionNumber: '1',
      LatestVersionNumber: String(version),
    })),
  },
  'AWS::IAM::InstanceProfile': {
    reason: BATCH,
    properties: ['InstanceProfileName', 'Path', 'Roles'],
    answer: (resource) => {
      const name = text(resource, 'InstanceProfileName') || resource.name;
      const path = text(resource, 'Path') || '/';
      const arn = `arn:aws:iam::${resource.context.accountId}:instance-profile${path}${name}`;
      return { physicalId: name, attributes: { Arn: arn } };
    },
  },
  'AWS::ApiGatewayV2::VpcLink': {
    reason: NETWORK,
    properties: ['Name', 'SecurityGroupIds', 'SubnetIds', 'Tags'],
    answer: (resource) => {
      const id = resource.id('vpclink').slice(-10);
      return { physicalId: id, attributes: { VpcLinkId: id } };
    },
  },
  'AWS::ECR::Repository': {
    reason: IMAGES,
    properties: [
      'EncryptionConfiguration',
      'ImageScanningConfiguration',
      'ImageTagMutability',
      'LifecyclePolicy',
      'RepositoryName',
      'RepositoryPolicyText',
      'Tags',
    ],
    answer: (resource) => {
      const name = text(resource, 'RepositoryName') || resource.name.toLowerCase();
      const { region, accountId } = resource.context;
      const arn = `arn:aws:ecr:${region}:${accountId}:repository/${name}`;
      const uri = `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}`;
      return { physicalId: name, attributes: { Arn: arn, RepositoryUri: uri } };
    },
  },
  'AWS::CodeBuild::Project': {
    reason: IMAGES,
    properties: [
      'Artifacts',
      'Cache',
      'Description',
      'EncryptionKey',
      'Environment',
      'LogsConfig',
      'Name',
      'ServiceRole',
      'Source',
      'Tags',
      'TimeoutInMinutes',
      'Visibility',
    ],
    answer: (resource) => {
      const name = text(resource, 'Name') || resource.name;
      const { region, accountId } = resource.context;
      return { physicalId: name, attributes: { Arn: `arn:aws:codebuild:${region}:${accountId}:project/${name}` } };
    },
  },
  'AWS::CDK::Metadata': {
    reason: 'it tells CDK which constructs made the template',
    properties: ['Analytics'],
    answer: ({ name }) => ({ physicalId: name, attributes: {} }),
  },
};
