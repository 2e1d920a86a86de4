"""What people said of items that the judge has scored, and what it says of the judge.

labels            the files of labels
labelling         which items are worth a person's time
judged_items      the judged items of the lake, which labels are set beside
calibration       the judge beside people: agreement, and means corrected by it, from what is in memory
calibration_rows  the same from a feature's labels and lake, and as rows of the table `calibration`
"""
