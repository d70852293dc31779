"""Multi-task learning on pictures and texts as a scikit-learn estimator."""
