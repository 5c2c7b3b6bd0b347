// What the page holds compressed: libraries and scenes (packing.py says how).
"use strict";

const ARRAYS = {int16: Int16Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array};
const ALIGNMENT = 4;

async function inflated(element) {
  const letters = atob(element.textContent.trim());
  const bytes = Uint8Array.from(letters, letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function library(name) {
  const element = document.getElementById(`library-${name}`);
  return element ? new TextDecoder().decode(await inflated(element)) : null;
}

function unpacked(block) {
  const length = new DataView(block).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(block, ALIGNMENT, length)));
  const start = ALIGNMENT + length;
  const arrays = header.arrays.map(({type, shape, offset}) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return {data: new ARRAYS[type](block, start + offset, count), shape};
  });
  const filled = value => {
    if (Array.isArray(value)) return value.map(filled);
    if (value === null || typeof value !== "object") return value;
    if ("array" in value && Object.keys(value).length === 1) return arrays[value.array];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
  };
  return filled(header.content);
}

async function sceneOf(name) {
  for (const element of document.querySelectorAll("script[data-scene]")) {
    if (element.dataset.scene === name) return unpacked(await inflated(element));
  }
  return null;
}
