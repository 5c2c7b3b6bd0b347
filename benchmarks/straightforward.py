"""The straightforward implementation, to measure against: what one writes first, from the paper.

One sample at a time in float32, attention written out, the whole graph differentiated at once, and matchings by scipy
on repeated targets, one after the other while the network waits.
"""

import itertools
import math
import time

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.nn import functional

from pointprior.measurements.matching import Matching
from pointprior.priors.attention import sinusoidal_embedding
from pointprior.runtime.seeding import torch_generator


class PlainTransformer(nn.Module):
    """The point transformer by its weights' names, with softmax(q kᵀ) v as three operations."""

    def __init__(self, network, *, layers, heads):
        super().__init__()
        self.weights, self.layers, self.heads = network.state_dict(), layers, heads

    def linear(self, h, name):
        return functional.linear(h, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def norm(self, h, name):
        return functional.layer_norm(h, h.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def perceptron(self, h, name, first, second):
        return self.linear(functional.gelu(self.linear(h, f"{name}.{first}")), f"{name}.{second}")

    def attention(self, h, name):
        q, k, v = self.linear(h, f"{name}.qkv").chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (q, k, v))
        shares = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(dim=-1)
        return self.linear((shares @ v).transpose(1, 2).flatten(-2), f"{name}.out")

    def forward(self, x, c_noise):
        width = self.weights["embed_point.weight"].shape[0]
        time_token = self.perceptron(sinusoidal_embedding(c_noise, width), "embed_time", 0, 2)
        h = self.norm(torch.cat([time_token[:, None], self.linear(x, "embed_point")], dim=1), "norm_in")
        for block in (f"blocks.{layer}" for layer in range(self.layers)):
            h = h + self.attention(self.norm(h, f"{block}.norm_attention"), f"{block}.attention")
            h = h + self.perceptron(self.norm(h, f"{block}.norm_mlp"), f"{block}.mlp", 0, 2)
        return self.linear(self.norm(h, "norm_out")[:, 1:], "project")


def scipy_on_copies(problems, *, threads):
    """What `match_all` returns, by scipy on repeated targets, one problem after the other."""
    solved = []
    for x, y, capacity, _ in problems:
        copies = np.repeat(np.arange(len(y)), capacity)
        cost = ((x[:, None] - y[copies].astype(np.float64)) ** 2).sum(-1)
        rows, columns = linear_sum_assignment(cost)
        solved.append(Matching(copies[columns], float(cost[rows, columns].sum()), np.zeros(len(y) + 1)))
    return solved


def score(denoise, observations, alpha, x, t, spent):
    """(D - x)/t² - α/√E ∇E by one backward pass; seconds of matching are added to `spent`."""
    x = x.detach().requires_grad_()
    denoised = denoise(x, torch.full((1,), t, device=x.device))
    e = torch.zeros((), device=x.device)
    for item in observations:
        began = time.perf_counter()
        seen = denoised[0].detach().cpu().double().numpy() @ item.view
        (found,) = scipy_on_copies([(seen, item.targets, item.capacity, None)], threads=1)
        spent.append(time.perf_counter() - began)
        wanted, view = (torch.from_numpy(a).to(x) for a in (item.targets[found.target], item.view))
        e = e + item.weight * (wanted - denoised[0] @ view).square().sum()
    (gradient,) = torch.autograd.grad(e, x)
    return (denoised.detach() - x.detach()) / t**2 - alpha / e.detach().sqrt() * gradient


def sample(denoise, observations, schedule, alpha, *, key, device):
    """One sample by Algorithm 1 as printed (with the library's draws); give the cloud and seconds of matching."""
    generator, beta, spent = torch_generator(*key), schedule.noise_control, []

    def noise():
        return torch.randn(observations.points, 3, generator=generator)[None].to(device)

    times = schedule.times()
    x = times[0] * noise()
    for t, t_next in itertools.pairwise(times):
        dt, s = t - t_next, score(denoise, observations, alpha, x, t, spent)
        if t_next == 0:
            return (x + t * s * dt)[0].cpu().numpy(), sum(spent)
        predicted = x + t * s * dt
        s = s + score(denoise, observations, alpha, predicted, t_next, spent)
        x = x + (t + beta(t) * t**2) * s * dt / 2 + (2 * beta(t) * t**2 * dt) ** 0.5 * noise()
    raise AssertionError("the last time is 0")
