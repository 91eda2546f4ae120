/**
 * The hosts of the setting `WEBHOOK_ALLOW_HOSTS`: receivers that webhooks may reach without TLS and at private
 * addresses. Names with commas between, or `none`.
 */
export const parseWebhookHosts = (setting: string): readonly string[] =>
  setting === 'none'
    ? []
    : setting
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== '');
