import type { FinishReason } from '../../core/index.ts';

/** The unified reason for the provider's own word, which is `STOP` for an answer that ends in calls too. */
export function finishReason(raw: string, hasCalls: boolean): FinishReason {
  switch (raw) {
    case 'STOP':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'MAX_TOKENS':
      return 'length';
    case 'SAFETY':
    case 'RECITATION':
    case 'LANGUAGE':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII':
    case 'IMAGE_SAFETY':
    case 'IMAGE_PROHIBITED_CONTENT':
      return 'content-filter';
    case 'MALFORMED_FUNCTION_CALL':
    case 'UNEXPECTED_TOOL_CALL':
    case 'MALFORMED_RESPONSE':
      return 'error';
    default:
      return 'other';
  }
}
