#!/usr/bin/env node
// Kept to the syntax of the oldest Node that somebody may have: an old one must get to the message below.
'use strict';

var NEEDED = 24;
var path = require('path');

function fail(message) {
  process.stderr.write('Error: ' + message + '\n');
  process.exit(1);
}

var args = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  fail(
    'lmdeck needs Node ' +
      NEEDED +
      ' or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      '). ' +
      'Install Node ' +
      NEEDED +
      ' (nodejs.org), or in a checkout of lmdeck run it as: npx lmdeck',
  );
} else if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(
    'lmdeck ' + JSON.parse(require('fs').readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')).version + '\n',
  );
} else {
  require('module').enableCompileCache();
  start(path.join(__dirname, '..', 'dist', 'cli', 'start.js'));
}

function start(file) {
  if (!require('fs').existsSync(file)) return fail('lmdeck is not built yet (' + file + ' is missing). In the checkout run: npm run build');
  require(file);
}
