// Models, truth and measurements of one structure in one task, drawn by K3D. Lengths are in units of the cube.
"use strict";

const LARGEST = 32767;  // of the integers that coordinates come as
const FIELD_OF_VIEW = 22;  // degrees: little perspective
const BEHIND = 1.55;  // how far behind the centre a projection's plane stands, in half widths of the view
const BEAD = 1.05;  // diameter of a point in units of the spacing
const TURN = Math.PI / 18;  // of an arrow key
const COLOURS = {truth: 0xb7bec8, projection: 0x2b3a67, low_resolution: 0xe0a13c, subunit: 0x4fa393, trace: 0x5a5a5a, surface: 0x8fa8c4};
const IDS = {model: 1, truth: 2, surface: 3, trace: 4, measurements: 10};

// ---- numbers

const add = (a, b, factor = 1) => a.map((value, i) => value + factor * b[i]);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = a => a.map(value => value / Math.hypot(...a));
const hex = colour => parseInt(colour.slice(1), 16);

function coordinates(stored) {
  const factor = stored.reach / LARGEST;
  return Float32Array.from(stored.points.data, value => value * factor);
}

function turned(vector, axis, angle) {  // Rodrigues
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const along = axis.reduce((sum, value, i) => sum + value * vector[i], 0) * (1 - c);
  const side = cross(axis, vector);
  return vector.map((value, i) => value * c + side[i] * s + axis[i] * along);
}

function interpolated(stops, share) {  // a colour of a map
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2), rest = place - low;
  const mixed = [16, 8, 0].map(shift => {
    const [a, b] = [(hex(stops[low]) >> shift) & 255, (hex(stops[low + 1]) >> shift) & 255];
    return Math.round(a + (b - a) * rest) << shift;
  });
  return mixed[0] | mixed[1] | mixed[2];
}

function percentile(values, share) {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

// ---- objects as K3D takes them

const FLAT = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const floats = (data, shape = [data.length]) => ({data: Float32Array.from(data), shape});
const whole = (data, shape = [data.length]) => ({data: Uint32Array.from(data), shape});
const shared = (type, id, more) => ({
  type, id, name: null, group: null, visible: true, opacity: 1, color: 0, colors: whole([]), attribute: floats([]),
  color_map: floats([]), color_range: [], opacity_function: floats([]), model_matrix: floats(FLAT, [4, 4]),
  metalness: 0, roughness: 0.4, ...more,
});
const beads = (id, points, size, more) => shared("Points", id, {
  positions: floats(points, [points.length / 3, 3]), point_size: size, point_sizes: floats([]), opacities: floats([]),
  shader: "3d", mesh_detail: 1, ...more,
});
const lines = (id, points, pairs, width, color) => shared("Lines", id, {
  vertices: floats(points, [points.length / 3, 3]), indices: whole(pairs, [pairs.length / 2, 2]), indices_type: "segment",
  width, color, shader: width ? "thick" : "simple", radial_segments: 6,
});
const sheet = (id, corners, color) => shared("Mesh", id, {
  vertices: floats(corners.flat(), [4, 3]), indices: whole([0, 1, 2, 0, 2, 3], [2, 3]), color, opacity: 0.1,
  side: "double", wireframe: false, flat_shading: true, normals: floats([]), uvs: floats([]), opacities: floats([]),
  triangles_attribute: floats([]), volume: floats([]), volume_bounds: floats([]), texture: null, slice_planes: [],
});

function surface(id, map, color) {
  const [nx, ny, nz] = map.values.shape, field = new Float32Array(nx * ny * nz);
  for (let x = 0, from = 0; x < nx; x++) {
    for (let y = 0; y < ny; y++) {
      for (let z = 0; z < nz; z++, from++) field[(z * ny + y) * nx + x] = map.values.data[from];
    }
  }
  // K3D's grid fills the unit cube around the origin
  const size = [nx, ny, nz].map(count => (count - 1) * map.voxel);
  const middle = map.origin.map((value, i) => value + size[i] / 2);
  const matrix = [size[0], 0, 0, middle[0], 0, size[1], 0, middle[1], 0, 0, size[2], middle[2], 0, 0, 0, 1];
  return shared("MarchingCubes", id, {
    scalar_field: {data: field, shape: [nz, ny, nx]}, level: map.level, color, opacity: 0.32, wireframe: false,
    flat_shading: false, spacings_x: floats([]), spacings_y: floats([]), spacings_z: floats([]),
    model_matrix: floats(matrix, [4, 4]),
  });
}

// ---- the viewer

class Viewer {
  constructor(section, scene, lib, colours) {
    Object.assign(this, {section, scene, colours, drawn: new Set(), frame: null, over: new AbortController()});
    this.form = section.querySelector("form");
    this.canvas = section.querySelector(".canvas");
    this.canvas.hidden = false;
    this.truth = coordinates(scene.truth);
    this.samples = Object.fromEntries(scene.methods.map(method => [method.name, coordinates(method)]));
    this.plot = new lib.K3D(lib.ThreeJsProvider, this.canvas, {});
    for (const [set, value] of [["MenuVisibility", false], ["GridVisible", false], ["AxesHelper", 0], ["CameraAutoFit", false],
      ["ClearColor", 0xffffff], ["CameraFOV", FIELD_OF_VIEW], ["FpsMeter", false], ["ColorMapLegend", -1]]) {
      this.plot[`set${set}`](value);
    }
    this.listen();
  }

  async start() {
    await this.update();
    if (this.over.signal.aborted) return;
    this.look("start");
    this.section.querySelector(".still").hidden = true;
    this.section.querySelector(".note").textContent = "";
    this.form.hidden = false;
    this.section.dataset.drawn = "yes";
  }

  end() {
    this.over.abort();
    cancelAnimationFrame(this.frame);
    this.form.querySelector("[data-spin]").setAttribute("aria-pressed", false);
    this.plot.disable();  // the browser gets its WebGL context back
    this.canvas.replaceChildren();
    this.canvas.hidden = true;
    this.section.querySelector(".still").hidden = false;
  }

  value(name) {
    const field = this.form.elements[name];
    return field ? (field.type === "checkbox" ? field.checked : field.value) : null;
  }

  get method() { return this.scene.methods.find(method => method.name === this.value("method")); }

  listen() {
    const on = (element, event, task, capture = false) => element.addEventListener(event, task, {capture, signal: this.over.signal});
    on(this.form, "input", () => this.soon());
    on(this.form, "submit", event => event.preventDefault());
    this.form.querySelectorAll("[data-look]").forEach(button => button.onclick = () => this.look(button.dataset.look));
    this.form.querySelector("[data-save]").onclick = () => this.save();
    const spin = this.form.querySelector("[data-spin]");
    spin.onclick = () => {
      const spins = spin.getAttribute("aria-pressed") !== "true";
      spin.setAttribute("aria-pressed", spins);
      spins ? this.spin() : cancelAnimationFrame(this.frame);
    };
    on(this.canvas, "keydown", event => this.key(event));
    // the page scrolls over the models until they are pressed, or tapped: a finger that scrolls gives no click
    const lock = (turning, zooming) => this.plot.setCameraLock(turning, zooming, turning);
    const begin = () => { this.canvas.focus({preventScroll: true}); lock(false, false); };
    lock(true, true);
    on(this.canvas, "pointerdown", event => { if (event.pointerType !== "touch") begin(); }, true);  // before K3D
    on(this.canvas, "click", begin);
    on(this.canvas, "blur", () => lock(true, true));
    on(this.canvas, "mouseleave", () => lock(false, true));
  }

  soon() {  // one update for the many events of a slider
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(async () => { this.waiting = false; if (!this.over.signal.aborted) await this.update(); }, 16);
  }

  // Select a sample of a method: the table does.
  async choose(method, sample) {
    this.form.elements.method.value = method;
    this.form.elements.what.value = "one";
    this.form.elements.sample.value = sample + 1;
    await this.update();
  }

  async update() {
    const method = this.method, count = method.points.shape[0], slider = this.form.elements.sample;
    slider.max = count;
    slider.disabled = count === 1 || this.value("what") !== "one";
    this.form.elements.sampled.textContent = this.value("what") === "one" ? `${slider.value} of ${count}` : "";
    const bead = BEAD * this.scene.spacing, objects = [];
    if (this.value("what") !== "none") objects.push(this.model(method, bead));
    if (this.value("truth")) objects.push(beads(IDS.truth, this.truth, 0.8 * bead, {color: COLOURS.truth}));
    const map = Number(this.value("morph")) > 50 || !method.surface ? this.scene.truth.surface : method.surface;
    if (this.value("surface")) objects.push(surface(IDS.surface, map, COLOURS.surface));
    if (this.value("trace") && this.scene.trace) objects.push(this.trace());
    if (this.value("measurements")) objects.push(...this.measurements());
    const kept = new Set(objects.map(object => object.id));
    for (const id of this.drawn) if (!kept.has(id)) this.plot.removeObject(id);
    for (const object of objects) await (this.drawn.has(object.id) ? this.plot.reload(object, null) : this.plot.load({objects: [object]}));
    this.drawn = kept;
    this.legend(method);
    this.plot.render();
    this.section.dispatchEvent(new CustomEvent("chosen", {
      bubbles: true, detail: {method: method.name, sample: this.value("what") === "one" ? Number(slider.value) - 1 : null},
    }));
  }

  model(method, bead) {
    const [count, size] = method.points.shape, all = this.samples[method.name], what = this.value("what");
    let chosen = all, copies = count;
    if (what === "one") {
      const first = (Math.min(Number(this.value("sample")), count) - 1) * size * 3;
      [chosen, copies] = [all.slice(first, first + size * 3), 1];
    } else if (what === "mean") {
      chosen = new Float32Array(size * 3);
      all.forEach((value, i) => chosen[i % chosen.length] += value / count);
      copies = 1;
    }
    const morph = Number(this.value("morph")) / 100, points = Float32Array.from(chosen, (value, i) => {
      const point = Math.floor(i / 3) % size, target = this.truth[3 * method.partner.data[point] + i % 3];
      return value + morph * (target - value);
    });
    const colours = this.colouring(method, copies, size);
    return beads(IDS.model, points, bead * copies ** -0.25, {colors: whole(colours), color: 0xffffff});  // they multiply
  }

  // The largest value that the colours tell apart: of the methods that are no controls, so that they can be compared.
  top(name) {
    if (name === "contraction") return 1;
    const there = this.scene.methods.filter(method => method[name] && method.surface);
    const tops = (there.length ? there : this.scene.methods.filter(method => method[name])).map(m => percentile(m[name].data, 0.98));
    return Math.max(1e-6, Math.min(...tops) * 1.25);
  }

  colouring(method, copies, size) {
    const by = this.value("colour"), values = method[by];
    if (values) {
      const top = this.top(by), one = Array.from(values.data, value => interpolated(this.colours[by], value / top));
      return Array.from({length: copies * size}, (_, i) => one[i % size]);
    }
    const chain = this.scene.truth.chain.data, first = this.value("what") === "one" ? Number(this.value("sample")) - 1 : 0;
    const pick = {
      chain: i => this.colours.chain[chain[method.partner.data[i % size]] % this.colours.chain.length],
      sample: i => this.colours.chain[(first + Math.floor(i / size)) % this.colours.chain.length],
    }[by] ?? (() => this.colours.plain[0]);
    return Array.from({length: copies * size}, (_, i) => hex(pick(i)));
  }

  trace() {
    const points = coordinates(this.scene.trace), pairs = [];
    let start = 0;
    for (const length of this.scene.trace.lengths.data) {
      for (let i = start; i < start + length - 1; i++) pairs.push(i, i + 1);
      start += length;
    }
    return lines(IDS.trace, points, pairs, 0.12 * this.scene.spacing, COLOURS.trace);
  }

  measurements() {
    return this.scene.measurements.flatMap((item, i) => {
      const id = IDS.measurements + 3 * i, colour = COLOURS[item.kind] ?? COLOURS.projection;
      if (item.kind !== "projection") {
        const size = BEAD * this.scene.spacing * (item.kind === "low_resolution" ? 2.2 : 0.9);
        return [beads(id, coordinates(item), size, {color: colour, opacity: item.kind === "low_resolution" ? 0.55 : 1})];
      }
      return this.projection(item, id, colour);
    });
  }

  // A projection in its plane, which stands behind the models as seen along it.
  projection(item, id, colour) {
    const [right, up] = item.axes, away = unit(cross(right, up)), half = this.scene.camera.half_width;
    const place = (x, y) => right.map((value, k) => x * value + y * up[k] - BEHIND * half * away[k]);
    const flat = coordinates(item), points = [];
    for (let i = 0; i < flat.length; i += 2) points.push(...place(flat[i], flat[i + 1]));
    const side = 1.08 * flat.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => place(side * x, side * y));
    return [
      beads(id, points, 0.55 * this.scene.spacing, {color: colour, shader: "flat"}),
      sheet(id + 1, corners, 0x8a9099),
      lines(id + 2, corners.flat(), [0, 1, 1, 2, 2, 3, 3, 0], 0.006 * half, 0xb7bec8),
    ];
  }

  // ---- camera

  look(where) {
    const {center, axes, half_width: half} = this.scene.camera;
    const wide = this.canvas.clientWidth / this.canvas.clientHeight;
    const fit = half / Math.min(1, wide) / Math.tan(FIELD_OF_VIEW * Math.PI / 360);
    if (where === "start") {
      const distance = (this.scene.measurements.some(item => item.kind === "projection") ? 2.3 : 1.25) * fit;
      this.plot.setCamera([...add(center, axes[2], distance), ...center, ...axes[1]]);
    } else {
      const [right, up] = this.scene.measurements.filter(item => item.kind === "projection")[Number(where)].axes;
      this.plot.setCamera([...add([0, 0, 0], unit(cross(right, up)), 1.3 * fit), 0, 0, 0, ...up]);
    }
    this.plot.render();
  }

  rotate(sideways, upwards) {
    const camera = this.plot.getWorld().camera, controls = this.plot.getWorld().controls;
    const target = controls.target.toArray(), up = unit(camera.up.toArray());
    let offset = add(camera.position.toArray(), target, -1);
    offset = turned(offset, up, sideways);
    const side = unit(cross(up, offset));
    offset = turned(offset, side, upwards);
    this.plot.setCamera([...add(target, offset), ...target, ...unit(cross(offset, side))]);
    this.plot.render();
  }

  key(event) {
    const steps = {ArrowLeft: [-TURN, 0], ArrowRight: [TURN, 0], ArrowUp: [0, -TURN], ArrowDown: [0, TURN]}[event.key];
    const zoom = {"+": 0.9, "=": 0.9, "-": 1 / 0.9}[event.key];
    if (!steps && !zoom) return;
    event.preventDefault();
    if (steps) return this.rotate(...steps);
    const world = this.plot.getWorld(), target = world.controls.target.toArray();
    const offset = add(world.camera.position.toArray(), target, -1);
    this.plot.setCamera([...add(target, offset, zoom), ...target, ...world.camera.up.toArray()]);
    this.plot.render();
  }

  spin() {
    this.rotate(0.012, 0);
    this.frame = requestAnimationFrame(() => this.spin());
  }

  async save() {
    const link = document.createElement("a");
    link.href = `data:image/png;base64,${await this.plot.getScreenshot(2, true).then(shot => shot.toDataURL ? shot.toDataURL("image/png").split(",")[1] : shot)}`;
    link.download = `${this.scene.structure}_${this.scene.task}.png`.replaceAll("/", "_");
    link.click();
  }

  // ---- words

  legend(method) {
    const by = this.value("colour"), box = this.section.querySelector(".legend");
    for (const meaning of this.form.querySelectorAll(".meaning")) meaning.hidden = meaning.dataset.of !== by;
    box.hidden = !method[by];
    if (box.hidden) return;
    const top = this.top(by), plain = by === "contraction";
    box.querySelector("i").style.background = `linear-gradient(to right, ${this.colours[by].join(",")})`;
    box.querySelector(".low").textContent = plain ? "prior" : "0";
    box.querySelector(".high").textContent = plain ? "data" : `≥ ${(top * this.scene.scale).toPrecision(2)} ${this.scene.unit}`;
    box.querySelector("b").textContent = plain ? "" : by;
  }
}
