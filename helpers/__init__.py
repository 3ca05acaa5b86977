"""Everything that the lessons share, and nothing else: data, training and figures."""

from helpers.data import load_data, load_results
from helpers.handwriting import prepare_digit
from helpers.plots import animate, plot_confusion, show_images
from helpers.training import count_parameters, evaluate, fit, get_device, make_loader, predict

__all__ = ["load_data", "load_results", "prepare_digit"]
__all__ += ["count_parameters", "evaluate", "fit", "get_device", "make_loader", "predict"]
__all__ += ["animate", "plot_confusion", "show_images"]
