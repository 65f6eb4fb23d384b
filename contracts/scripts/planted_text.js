// How often the text that a planted bug replaces is in its file.
'use strict';

const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');

module.exports = ({ file, from }) =>
  fs.readFileSync(path.join(root, 'src', file), 'utf8').split(from).length - 1;
