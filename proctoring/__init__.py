"""Proctored exams: camera snapshots, YOLOv8 detection, anomalies, review. A human decides, always."""
