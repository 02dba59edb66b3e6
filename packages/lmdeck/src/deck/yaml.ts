/** What of the YAML library a deck uses, in a module of its own: whoever loads it late needs nothing of the bundler's for that. */
export { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
