"""What people said of items that the judge has scored, and what it says of the judge.

labels       the files of labels
labelling    which items are worth a person's time
calibration  the judge beside people: agreement, and means corrected by it
"""
